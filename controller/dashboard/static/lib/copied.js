// Text for people's chat groups, put where they can paste it. A browser gives its clipboard only to pages over HTTPS; a
// centre inside an office's own network is often without.

/** @param {string} text */
export async function copied(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text).then(() => true, () => selected(text));
  return selected(text);
}

/** The old way: out of a field that is selected for a moment; false = the browser does not do that either. @param {string} text */
function selected(text) {
  const before = /** @type {HTMLElement | null} */ (document.activeElement);
  const field = document.body.appendChild(Object.assign(document.createElement("textarea"), { value: text }));
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  before?.focus();
  return done;
}
