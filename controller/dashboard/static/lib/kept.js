// A field of a page that asks again by itself: what a person typed or chose stays, whatever the centre says meanwhile.

import { html, useLayoutEffect, useRef } from "./ui.js";

/**
 * `start` is shown until somebody touches the field, and again after its form was reset. A list keeps its choice by its
 * value: when that is no longer offered nothing is chosen, never its neighbour.
 * @param {{ as?: "input" | "select" | "textarea", start?: string | number, children?: any, [more: string]: any }} props
 */
export function Kept({ as = "input", start, children, ...more }) {
  const box = useRef(/** @type {any} */ (null));
  const chosen = useRef(/** @type {string | null} */ (null));
  const first = useRef(start);
  first.current = start;
  const list = as === "select";
  const show = () => {
    const wanted = chosen.current ?? first.current;
    if (wanted !== undefined && box.current.value !== String(wanted)) box.current.value = String(wanted);
    if (first.current === undefined && box.current.value !== "") chosen.current = box.current.value; // what one reads is chosen
  };
  useLayoutEffect(() => (list ? show() : undefined));
  useLayoutEffect(() => {
    if (!list) return undefined;
    const form = box.current.form;
    const reset = () => {
      chosen.current = null;
      queueMicrotask(show);
    };
    box.current.addEventListener("change", () => void (chosen.current = box.current.value), { capture: true });
    form?.addEventListener("reset", reset);
    return () => form?.removeEventListener("reset", reset);
  }, []);
  return html`<${as} ref=${box} ...${list ? {} : { defaultValue: start ?? "" }} ...${more}>${children}</${as}>`;
}
