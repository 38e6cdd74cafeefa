// Small comforts; every page works without them.
(() => {
  "use strict";
  const each = (selector, act) => document.querySelectorAll(selector).forEach(act);

  each("form[data-confirm]", (form) => form.addEventListener("submit", (event) => {
    if (!window.confirm(form.dataset.confirm)) event.preventDefault();
  }));

  each("form[data-auto-submit]", (form) => {
    form.classList.add("automatic");
    form.addEventListener("change", () => form.requestSubmit());
  });

  each("form[method=post]", (form) => form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    if (!event.defaultPrevented) form.dataset.sent = "yes";
  }));
  window.addEventListener("pageshow", () => each("form[data-sent]", (form) => delete form.dataset.sent));

  each("[data-copy]", (button) => {
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      if (button.dataset.copied) button.textContent = button.dataset.copied;
    });
  });

  each("[data-print]", (button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });

  each(".table-wrap", (wrap) => {
    if (wrap.scrollWidth > wrap.clientWidth) wrap.tabIndex = 0;
  });

  const closeMenus = (event) => each("details.me[open]", (menu) => {
    if (event.key === "Escape" || !menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("click", closeMenus);
  document.addEventListener("keydown", (event) => event.key === "Escape" && closeMenus(event));

  const summary = document.querySelector(".error-summary, main form .refusal");
  if (summary) { summary.tabIndex = -1; summary.focus(); }

  each("table[data-sortable]", (table) => {
    const lang = document.documentElement.lang;
    const order = new Intl.Collator(lang, { numeric: true });
    const valueOf = (row, at) => row.cells[at].dataset.value ?? row.cells[at].textContent.trim();
    table.querySelectorAll("thead th").forEach((head, at) => {
      if (head.dataset.unsorted !== undefined) return;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        table.querySelectorAll("thead th").forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const rows = [...table.tBodies[0].rows];
        const compare = (a, b) => {
          const [x, y] = [valueOf(a, at), valueOf(b, at)];
          const numbers = Number(x) - Number(y);
          return x !== "" && y !== "" && !Number.isNaN(numbers) ? numbers : order.compare(x, y);
        };
        rows.sort((a, b) => (down ? -compare(a, b) : compare(a, b)));
        table.tBodies[0].append(...rows);
      });
    });
  });

  if (window.echarts) {
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const number = new Intl.NumberFormat(document.documentElement.lang);
    each("[data-chart]", (place) => {
      const options = JSON.parse(place.nextElementSibling.textContent);
      options.animation = !calm;
      options.textStyle.fontFamily = getComputedStyle(document.body).fontFamily;
      options.tooltip.valueFormatter = (value) => number.format(value);
      for (const axis of [options.xAxis, options.yAxis]) {
        if (axis.type === "value") axis.axisLabel.formatter = (value) => number.format(value);
      }
      const drawn = window.echarts.init(place, null, { renderer: "svg" });
      drawn.setOption(options);
      new ResizeObserver(() => drawn.resize()).observe(place);
    });
  }
})();
