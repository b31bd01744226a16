/* The shell's behaviour. Everything works without it; this adds the keyboard, the theme, dialogs and drafts. */
"use strict";
(() => {
  const root = document.documentElement;
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

  // Theme: the page is drawn by the server in the theme of this cookie, so it never flashes.
  const dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
  const toggleTheme = () => {
    root.dataset.theme = dark() ? "light" : "dark";
    document.cookie = `theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax`;
  };

  // Dialogs and menus.
  const openDialog = (id) => document.getElementById(id)?.showModal();
  const closeMenus = (except) => all("details.menu[open]").forEach((menu) => menu !== except && menu.removeAttribute("open"));
  document.addEventListener("click", (event) => {
    const target = event.target;
    if (target.closest("[data-back]") && history.length > 1) { event.preventDefault(); return history.back(); }
    if (target.closest("[data-theme-toggle]")) return toggleTheme();
    const opener = target.closest("[data-open]");
    if (opener) return openDialog(opener.dataset.open);
    if (target.closest("[data-close]")) target.closest("dialog")?.close();
    if (target.matches("dialog")) target.close();
    const copy = target.closest("[data-copy]");
    if (copy) navigator.clipboard?.writeText(copy.dataset.copy).then(() => toast("Copied.", "good"));
    if (target.closest("[data-dismiss]")) target.closest(".toast, .message").remove();
    closeMenus(target.closest("details.menu"));
  });

  // A menu that would leave the window is moved back into it.
  document.addEventListener("toggle", (event) => {
    const list = event.target.matches?.("details.menu[open]") && event.target.querySelector(".menu-list");
    if (!list) return;
    list.style.translate = "";
    const box = list.getBoundingClientRect();
    const width = document.documentElement.clientWidth;
    const shift = box.left < 8 ? 8 - box.left : Math.min(0, width - 8 - box.right);
    if (shift) list.style.translate = `${shift}px`;
  }, true);

  // Toasts: a room answers an htmx request with the header HX-Trigger: {"toast": {"text": "…", "tone": "good"}}.
  const toast = (text, tone = "info") => {
    const box = document.createElement("div");
    box.className = `toast toast-${tone}`;
    const words = document.createElement("p");
    words.textContent = text;
    box.append(words);
    document.getElementById("toasts")?.append(box);
    setTimeout(() => box.remove(), 6000);
  };
  document.addEventListener("toast", (event) => toast(event.detail.text ?? event.detail.value, event.detail.tone));
  document.addEventListener("htmx:sendError", () => toast("The server did not answer. What you typed is still here; try again.", "bad"));

  // Rows: j and k move, Enter opens the row's first link, x ticks its box.
  const rows = () => all("main .table tbody tr, main [data-row]").filter((row) => row.querySelector("a, input") && row.offsetParent);
  const move = (step) => {
    const list = rows();
    if (!list.length) return;
    const at = list.findIndex((row) => row.classList.contains("at"));
    const next = list[Math.max(0, Math.min(list.length - 1, at < 0 ? 0 : at + step))];
    list[at]?.classList.remove("at");
    next.classList.add("at");
    next.scrollIntoView({ block: "nearest" });
    next.querySelector("a")?.focus({ preventScroll: true });
  };

  const goOn = (field) => {
    field?.closest("details")?.setAttribute("open", "");
    field?.focus();
  };

  // Ctrl and Enter send a form that says data-send, wherever in it one is typing.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.target.closest("form[data-send]")?.requestSubmit();
  });

  let going = 0;
  const keys = {
    "/": () => document.getElementById("search")?.focus(),
    "?": () => openDialog("help"),
    j: () => move(1),
    k: () => move(-1),
    x: () => document.querySelector("tr.at input[type=checkbox]")?.click(),
    g: () => { going = Date.now(); },
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      closeMenus();
      if (location.hash === "#rooms") location.hash = "main";
      if (typing(event.target)) event.target.blur();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
    if (Date.now() - going < 1200) {
      const link = document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
      going = 0;
      if (link) { event.preventDefault(); location.assign(link.href); }
      return;
    }
    if (keys[event.key]) { event.preventDefault(); keys[event.key](); return; }
    // A page's own keys: data-key="r" on what is to be clicked; data-then="id" says where the typing goes on.
    const own = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (own) { event.preventDefault(); own.click(); goOn(document.getElementById(own.dataset.then ?? "")); }
  });

  // Tick all: a box marked data-all ticks every box of its table.
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-all]")) {
      all("tbody input[type=checkbox]", event.target.closest("table")).forEach((box) => { box.checked = event.target.checked; });
    }
    if (event.target.closest("[data-submit-on-change]")) event.target.form?.requestSubmit();
  });

  // Drafts: a form with data-draft="key" keeps what was typed in this browser until it has arrived.
  const draftKey = (form) => `draft:${location.pathname}:${form.dataset.draft}`;
  const typed = (form) => [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken");
  all("form[data-draft]").forEach((form) => {
    if (form.hasAttribute("data-saved")) { // it has arrived, though its own form is shown again; a reload must not say so once more
      localStorage.removeItem(draftKey(form));
      history.replaceState(null, "", location.pathname);
    }
    const before = JSON.stringify(typed(form));
    const kept = localStorage.getItem(draftKey(form));
    if (kept && kept !== before && !form.querySelector(".field-error")) offerDraft(form, JSON.parse(kept));
    form.addEventListener("input", () => localStorage.setItem(draftKey(form), JSON.stringify(typed(form))));
    form.addEventListener("submit", () => sessionStorage.setItem("sent", draftKey(form)));
  });
  // A draft goes once a page answered that is neither its form again nor an error: a lost connection loses nothing.
  const sent = sessionStorage.getItem("sent");
  if (sent && !document.querySelector(".error-page")) {
    if (!all("form[data-draft]").some((form) => draftKey(form) === sent)) localStorage.removeItem(sent);
    sessionStorage.removeItem("sent");
  }
  function offerDraft(form, kept) {
    const note = document.createElement("div");
    note.className = "message";
    const words = document.createElement("p");
    words.textContent = "You began to change this and did not save. ";
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn small", textContent: "Bring it back" });
    button.addEventListener("click", () => {
      for (const [name, value] of kept) {
        for (const control of all(`[name="${CSS.escape(name)}"]`, form)) {
          if (control.type === "radio" || control.type === "checkbox") control.checked = control.checked || control.value === value;
          else control.value = value;
        }
      }
      note.remove();
    });
    words.append(button);
    note.append(words);
    form.prepend(note);
  }
})();
