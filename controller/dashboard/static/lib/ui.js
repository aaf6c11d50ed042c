// Preact, htm and hooks in one place: pages import from here and from nowhere else.
export * from "../vendor/preact-htm.js";
