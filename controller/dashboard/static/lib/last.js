// Answers may overtake each other, and some come when they are no longer wanted.

import { useRef } from "./ui.js";

/**
 * A way to ask of which only the last answer comes, and of an earlier one neither word nor error. Without an answer to
 * wait for: what is on its way does not come any more.
 * @returns {<T>(answer?: Promise<T>) => Promise<T>}
 */
export function useLast() {
  const turn = useRef(0);
  return (answer) => {
    const mine = ++turn.current;
    return new Promise((done, failed) => answer?.then((found) => mine === turn.current && done(found), (error) => mine === turn.current && failed(error)));
  };
}
