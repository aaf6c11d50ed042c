// The screens: path → module, in the operator's order of need. A page module exports `Page({ args, me })`. `roles`: who sees it in the head.

/** @typedef {{ path: string, file: string, text: string, roles: string[] }} Screen */

const ALL = ["admin", "operator", "office", "viewer"];
const DESK = ["admin", "operator"];

/** @type {Screen[]} */
export const SCREENS = [
  { path: "board", file: "board", text: "page.nav.board", roles: ALL },
  { path: "rollcall", file: "rollcall", text: "page.nav.rollcall", roles: DESK },
  { path: "session", file: "session", text: "page.nav.session", roles: DESK },
  { path: "incidents", file: "incidents", text: "page.nav.incidents", roles: ALL },
  { path: "calendar", file: "calendar", text: "page.nav.calendar", roles: ALL },
  { path: "rooms", file: "rooms", text: "page.nav.rooms", roles: ALL },
  { path: "reports", file: "reports", text: "page.nav.reports", roles: ["admin", "operator", "office"] },
  { path: "people", file: "people", text: "page.nav.people", roles: ["admin", "operator", "office"] },
  { path: "fleet", file: "fleet", text: "page.nav.fleet", roles: DESK },
  { path: "trips", file: "trips", text: "page.nav.trips", roles: ["admin", "operator", "office"] },
  { path: "shifts", file: "shifts", text: "page.nav.shifts", roles: DESK },
  { path: "users", file: "users", text: "page.nav.users", roles: ["admin"] },
  { path: "chair", file: "chair", text: "page.nav.chair", roles: ["chair"] },
  { path: "my-rooms", file: "my-rooms", text: "page.nav.my_rooms", roles: ["technician"] },
  { path: "my-room", file: "my-room", text: "page.nav.my_room", roles: ["phone"] },
];

/** `#/rooms/kim-son` → its screen and what follows. @param {string} hash */
export function route(hash) {
  const [path, ...args] = decodeURIComponent(hash.replace(/^#\/?/, "")).split("/");
  return { screen: SCREENS.find((one) => one.path === path) ?? null, args };
}

export { ALL, DESK };
