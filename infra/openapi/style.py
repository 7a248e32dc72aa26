"""How the page looks: readable on a phone, beside a terminal, at night and on paper."""

from typing import Final

STYLE_PATH: Final = "/api/docs.css"
"""A file of its own, because the gateway lets no page of ours have a style within its text."""

STYLE: Final = """\
:root { --ink: #1d2330; --quiet: #5c6677; --paper: #fff; --panel: #f5f6f8; --line: #dfe3ea; --accent: #0b5fb0;
  --get: #0b6e4f; --post: #9a4a00; color-scheme: light dark; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ef; --quiet: #98a3b5; --paper: #14181f; --panel: #1c222c;
  --line: #2e3644; --accent: #74b3ff; --get: #5fd3a8; --post: #ffb066; } }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1rem; }
body { margin: 0; color: var(--ink); background: var(--paper); font: 16px/1.55 system-ui, -apple-system, "Segoe UI",
  "Liberation Sans", sans-serif; display: grid; grid-template-columns: 21rem minmax(0, 1fr); }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; padding: 1.6rem 1.4rem; background: var(--panel);
  border-right: 1px solid var(--line); font-size: .88rem; }
nav h1 { margin: 0; font-size: 1.5rem; letter-spacing: -.01em; }
nav h2 { margin: 1.3rem 0 .3rem; font-size: .74rem; text-transform: uppercase; letter-spacing: .08em;
  color: var(--quiet); }
nav ul { list-style: none; margin: 0; padding: 0; }
nav a { display: grid; grid-template-columns: 2.9rem minmax(0, 1fr); align-items: baseline; padding: .18rem 0;
  color: inherit; text-decoration: none; overflow-wrap: anywhere; }
nav a:hover { color: var(--accent); }
nav li a[href="#problems"] { display: block; }
main { padding: 2rem 3rem 5rem; max-width: 64rem; }
.quiet { color: var(--quiet); margin: .1rem 0; }
h2.group { margin: 3rem 0 .3rem; font-size: 1.5rem; text-transform: capitalize; letter-spacing: -.01em; }
section.operation { margin: 1.6rem 0 2.6rem; padding-top: 1.2rem; border-top: 1px solid var(--line); }
h3 { margin: 0 0 .6rem; font-size: 1.1rem; }
h3 code { background: none; padding: 0; font-size: 1.05rem; overflow-wrap: anywhere; }
h4 { margin: 1.2rem 0 .4rem; font-size: .8rem; text-transform: uppercase; letter-spacing: .06em; color: var(--quiet); }
p { margin: .5rem 0; }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: .86em; }
code { background: var(--panel); padding: .1em .3em; border-radius: 4px; overflow-wrap: anywhere; }
pre { margin: .7rem 0; padding: .8rem 1rem; background: var(--panel); border: 1px solid var(--line);
  border-radius: 8px; overflow-x: auto; line-height: 1.45; }
pre.try { border-left: 3px solid var(--accent); }
.method { display: inline-block; min-width: 2.7rem; font-size: .78em; letter-spacing: .04em; }
.method.get { color: var(--get); }
.method.post { color: var(--post); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; font-size: .9rem; }
th { text-align: left; font-weight: 600; color: var(--quiet); font-size: .8rem; }
th, td { padding: .32rem .8rem .32rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td:first-child { white-space: nowrap; }
@media (max-width: 60rem) { body { display: block; } nav { position: static; height: auto; border-right: 0;
  border-bottom: 1px solid var(--line); } main { padding: 1.2rem; } td:first-child { white-space: normal; } }
@media print { body { display: block; font-size: 11pt; } nav { position: static; height: auto; background: none;
  border: 0; } pre { white-space: pre-wrap; } section.operation { break-inside: avoid-page; } }
"""
