// What the pages do better with a script. Everything here is an extra: pages work without it.
"use strict";
(() => {
  const cookie = (name, value) => { document.cookie = `${name}=${value}; Path=/; Max-Age=31536000; SameSite=Lax`; };
  const has = (name) => document.cookie.split("; ").find((c) => c.startsWith(name + "="));
  const root = document.documentElement;

  // The server writes times in this zone from the next page on.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && has("zone") !== `zone=${zone}`) cookie("zone", zone);

  const dark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const label = (button) => { button.textContent = dark() ? button.dataset.light : button.dataset.dark; };

  const dress = (within) => {
    for (const b of within.querySelectorAll("[data-copy]")) b.hidden = false;
    for (const p of within.querySelectorAll(".preferences")) p.hidden = false;
    within.querySelectorAll("[data-theme-switch]").forEach(label);
  };

  document.addEventListener("click", async (e) => {
    const button = e.target.closest("button");
    if (!button) return;
    if ("copy" in button.dataset) {
      const code = button.parentElement.querySelector("code, input, pre");
      const text = button.textContent;
      await navigator.clipboard.writeText(code.value ?? code.textContent);
      button.textContent = document.body.dataset.copied;
      setTimeout(() => { button.textContent = text; }, 1500);
    } else if ("themeSwitch" in button.dataset) {
      root.dataset.theme = dark() ? "light" : "dark";
      cookie("theme", root.dataset.theme);
      document.querySelectorAll("[data-theme-switch]").forEach(label);
    } else if (button.dataset.language) {
      cookie("language", button.dataset.language);
      location.reload();
    }
  });

  // A form that is on its way is not sent twice.
  document.addEventListener("submit", (e) => {
    const form = e.target;
    if (e.defaultPrevented || form.method !== "post" || form.target) return;
    if (form.dataset.sent) { e.preventDefault(); return; }
    form.dataset.sent = "yes";
    setTimeout(() => { delete form.dataset.sent; }, 5000);
  });
  addEventListener("pageshow", () => { for (const f of document.forms) delete f.dataset.sent; });

  document.addEventListener("htmx:afterSwap", (e) => dress(e.target));
  document.addEventListener("htmx:sendError", () => {
    const at = document.getElementById("problem");
    if (!at) return;
    at.textContent = "";
    const p = document.createElement("p");
    p.className = "notice warning";
    p.textContent = document.body.dataset.offline;
    at.append(p);
  });
  dress(document);
})();
