/** What kind of browser this is, as far as keeping an answer depends on it. */

const isIos = /iPhone|iPad|iPod/.test(navigator.userAgent)
  || (navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1);
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
  isIos,
  isMobile,
  isStandalone,
  /** An iOS tab forgets everything after seven days: never enrol, never draw ahead. */
  isForgetfulTab: isIos && !isStandalone,
  canInstall: () => invitation !== null,
  async install() {
    await invitation.prompt();
    invitation = null;
  },
};
