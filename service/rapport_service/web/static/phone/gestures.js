/** Fingers: one that rests on a button, and two that blank the screen. */

const TAP = 300; // milliseconds from the first finger to the last that is lifted
const STILL = 10; // pixels that a finger may slip

/**
 * Tells when a finger is down, and when its click has been dealt with.
 *
 * @param {(isDown: boolean) => void} note
 */
export function watchFingers(note) {
  const lift = () => setTimeout(() => note(false));
  document.addEventListener("pointerdown", () => note(true));
  document.addEventListener("pointerup", lift);
  document.addEventListener("pointercancel", lift);
}

/** Calls at a tap of two fingers; two that move or stay are for zooming. */
export function watchTwoFingers(call) {
  let firstAt = 0;
  let places = null;
  const on = (name, work) =>
    document.addEventListener(name, work, { passive: true });
  const hasMoved = ({ identifier, clientX, clientY }) => {
    const [x, y] = places.get(identifier) ?? [clientX, clientY];
    return Math.hypot(clientX - x, clientY - y) > STILL;
  };
  on("touchstart", ({ touches, timeStamp }) => {
    if (touches.length === 1) firstAt = timeStamp;
    const isPair = touches.length === 2;
    places = isPair && new Map([...touches].map(({ identifier, clientX, clientY }) =>
      [identifier, [clientX, clientY]]));
  });
  on("touchmove", ({ touches }) => {
    if (places && [...touches].some(hasMoved)) places = null;
  });
  on("touchend", ({ touches, timeStamp }) => {
    if (touches.length || !places) return;
    places = null;
    if (timeStamp - firstAt < TAP) call();
  });
  on("touchcancel", () => { places = null; });
}
