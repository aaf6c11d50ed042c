// The queue of those who ask to speak moves while somebody is about to press what stands in it.

import { useLayoutEffect, useRef, useState } from "./ui.js";

/** Long enough to see that it moved, short enough to wait for. */
const MOMENT_MS = 700;

/** Who asks, from where. @param {{ room: string, seat: string }} ask */
export const place = (ask) => `${ask.room} ${ask.seat}`;

/**
 * Do all who ask stand where they stood a moment ago? Who comes at the end moves nobody.
 * @param {{ room: string, seat: string }[]} queue @returns {boolean}
 */
export function useStill(queue) {
  const places = queue.map(place);
  const before = useRef(places);
  const waits = useRef(0);
  const [still, setStill] = useState(true);
  useLayoutEffect(() => {
    const was = before.current;
    before.current = places;
    if (!places.some((one, n) => n < was.length && one !== was[n])) return;
    setStill(false);
    clearTimeout(waits.current);
    waits.current = setTimeout(() => setStill(true), MOMENT_MS);
  }, [places.join("\n")]);
  return still;
}
