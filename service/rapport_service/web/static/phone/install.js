/** What kind of browser this is, as far as keeping an answer depends on it. */

const isIos = /iPhone|iPad|iPod/.test(navigator.userAgent)
  || (navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1);
const isMacSafari = !isIos && navigator.vendor === "Apple Computer, Inc."
  && /Macintosh/.test(navigator.userAgent);
const isMobile = isIos || /Android|Mobile/.test(navigator.userAgent);
const isStandalone = matchMedia("(display-mode: standalone)").matches
  || navigator.standalone === true;

let invitation = null;

window.addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  invitation = event;
});

/** Facts about the browser, and the browser's own offer to install, where it has one. */
export const platform = {
  isStandalone,
  /** How the app gets to the Home Screen, or to the Dock. */
  kind: isIos ? "ios" : isMacSafari ? "mac" : "android",
  /** Whether the app has to be installed, unless the browser promises to keep things. */
  shouldInstall: (isMobile || isMacSafari) && !isStandalone,
  /** Whether all is forgotten after seven days: never enrol, never draw ahead. */
  isForgetful: ({ persistence }) => !isStandalone
    && (isIos || (isMacSafari && !persistence.isPersisted)),
  canInstall: () => invitation !== null,
  async install() {
    await invitation.prompt();
    invitation = null;
  },
};
