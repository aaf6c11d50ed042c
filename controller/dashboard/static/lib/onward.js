// A button that did its work often goes away, and with it the place of whoever works by keyboard: the browser begins again
// at the top of the page. Here one goes on at the nearest thing around it that is still there and can be gone to.

const GOES = '[tabindex="-1"]';
/** @type {MutationObserver | undefined} */
let watch;

/** @param {Event} event a click */
function pressed(event) {
  watch?.disconnect();
  const button = /** @type {Element} */ (event.target).closest("button");
  /** @type {HTMLElement[]} */
  const around = [];
  for (let one = button?.closest(GOES); one; one = one.parentElement?.closest(GOES)) around.push(/** @type {HTMLElement} */ (one));
  if (button === null || around.length === 0) return;
  watch = new MutationObserver(() => {
    if (button.isConnected) return;
    watch?.disconnect();
    if (document.activeElement === document.body) around.find((one) => one.isConnected)?.focus({ preventScroll: true });
  });
  watch.observe(document.body, { childList: true, subtree: true });
}

export const goOn = () => addEventListener("click", pressed, { capture: true });
