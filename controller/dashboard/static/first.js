// What has to be known before anything can be shown, asked for while the page's own files are still on their way.
// A plain script and no module, for it runs before the first of them is here; lib/asked.js hands on what comes.

(() => {
  /** @type {Record<string, Promise<Response & { middle: number }>>} */
  const asked = {};
  /** @param {string} path */
  const ask = (path) => {
    const begun = Date.now();
    asked[path] = fetch(path, { headers: { "x-diemcau": "1" } }).then((answer) => Object.assign(answer, { middle: (begun + Date.now()) / 2 }));
    asked[path].catch(() => null); // whoever wants it hears of it
  };
  // The rooms first: of all answers theirs takes longest to read. Who is not signed in would be refused twice.
  if (document.cookie.includes("diemcau_here=1") && /^#\/(board|rooms)\b/.test(location.hash)) ask("/api/rooms");
  ask(`/api/texts?lang=${localStorage.getItem("lang") ?? "vi"}`);
  if (!location.hash.startsWith("#/pass/")) ask("/api/me");
  Object.assign(globalThis, { asked });
})();
