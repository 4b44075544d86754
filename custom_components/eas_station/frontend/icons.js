/** The card's few icons, each a path on a grid of 24. */

import { svg } from "./dom.js";

const PATHS = {
  alert: "M12 2.5 23 21.5H1L12 2.5Zm-1.1 7v5.5h2.2V9.5h-2.2Zm0 7.3V19h2.2v-2.2h-2.2Z",
  eye: "M12 5c5 0 9 3.500 11 7-2 3.500-6 7-11 7S3 15.500 1 12c2-3.500 6-7 11-7Zm0 2.500a4.500 4.500 0 1 0 0 9 4.500 4.500 0 0 0 0-9Zm0 2.300a2.200 2.200 0 1 1 0 4.400 2.200 2.200 0 0 1 0-4.400Z",
  info: "M12 2a10 10 0 1 1 0 20 10 10 0 0 1 0-20Zm-1.100 8.500v7h2.200v-7h-2.200Zm0-4v2.300h2.200V6.500h-2.200Z",
  check: "M12 2a10 10 0 1 1 0 20 10 10 0 0 1 0-20Zm-1.500 14.500 7-7L16 8l-5.500 5.500L8 11l-1.500 1.500 4 4Z",
  quiet: "M12 2a10 10 0 1 1 0 20 10 10 0 0 1 0-20ZM6.500 10.900v2.200h11v-2.200h-11Z",
  down: "M12 2a10 10 0 1 1 0 20 10 10 0 0 1 0-20ZM8.600 7 7 8.600l3.400 3.400L7 15.400 8.600 17l3.400-3.400 3.400 3.400 1.600-1.600-3.400-3.400L17 8.600 15.400 7 12 10.400 8.600 7Z",
  wait: "M12 2a10 10 0 1 1 0 20 10 10 0 0 1 0-20Zm-1.100 4.500v6.100l4.800 2.900 1.100-1.800-3.700-2.300V6.500h-2.200Z",
  test: "M9 2h6v2h-1v5l6 10.500c.6 1.200 0 2.500-1.500 2.500h-13C4 22 3.400 20.700 4 19.500L10 9V4H9V2Zm-1 14h8l-2.500-4.500h-3L8 16Z",
  play: "M7 4v16l13-8L7 4Z",
  pause: "M6 4h4v16H6V4Zm8 0h4v16h-4V4Z",
  listen: "M3 9v6h4l6 5V4L7 9H3Zm13-1.500v9c1.500-.8 2.500-2.500 2.500-4.500S17.500 8.300 16 7.500Zm0-4.300v2.100a7 7 0 0 1 0 13.400v2.100a9 9 0 0 0 0-17.600Z",
  stop: "M5 5h14v14H5V5Z",
  more: "M12 4a2 2 0 1 1 0 4 2 2 0 0 1 0-4Zm0 6a2 2 0 1 1 0 4 2 2 0 0 1 0-4Zm0 6a2 2 0 1 1 0 4 2 2 0 0 1 0-4Z",
  home: "M12 3 2 12h3v8h5v-6h4v6h5v-8h3L12 3Z",
};

/** Return an icon; it says nothing to a screen reader, so a text must stand beside it. */
export function icon(name) {
  return svg("svg", { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" }, svg("path", { d: PATHS[name] }));
}

/** Put another icon in the place of an icon, where it is another. */
export function setIcon(holder, name) {
  if (holder.dataset.icon === name) return;
  holder.dataset.icon = name;
  holder.replaceChildren(icon(name));
}
