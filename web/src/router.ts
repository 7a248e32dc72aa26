// Addresses: every screen has one, so that it can be reloaded, shared and gone back to.
// The gateway serves the page for the first word of each (gateway/nginx.conf.template); a new one is named there too.
import { signal } from "@preact/signals";

export interface Place {
  path: string;
  parts: string[];
  query: URLSearchParams;
}

function here(): Place {
  const parts = location.pathname.split("/").filter(Boolean).map(decodeURIComponent);
  return { path: location.pathname, parts, query: new URLSearchParams(location.search) };
}

export const place = signal<Place>(here());

export function go(to: string, how: "push" | "replace" = "push"): void {
  if (how === "push") history.pushState(null, "", to);
  else history.replaceState(null, "", to);
  const former = place.peek().path;
  place.value = here();
  if (how === "push" && former !== place.peek().path) scrollTo(0, 0);
}

export function listen(): void {
  addEventListener("popstate", () => {
    place.value = here();
  });
  // Plain links everywhere; those of our own pages need no new document.
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element).closest?.("a");
    if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (link.pathname.startsWith("/api") || (link.hash && link.pathname === location.pathname)) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
}
