"use strict";
(() => {
  const stories = [...document.querySelectorAll("details.story")];
  const filter = document.querySelector(".filter");
  const shown = document.getElementById("shown");
  const chosen = new Set();

  const unfold = (hash) => {
    const target = hash.length > 1 && document.getElementById(hash.slice(1));
    const story = target && target.closest("details.story");
    if (!story) return;
    story.hidden = false;
    if (!story.open) {
      story.open = true;
      target.scrollIntoView();
    }
  };

  const apply = () => {
    let count = 0;
    for (const story of stories) {
      const has = story.dataset.gaps.split(" ");
      story.hidden = chosen.size > 0 && !has.some((code) => chosen.has(code));
      count += story.hidden ? 0 : 1;
    }
    for (const item of document.querySelectorAll("[data-g]")) {
      item.classList.toggle("off", chosen.size > 0 && !chosen.has(item.dataset.g));
    }
    for (const button of filter.querySelectorAll("[data-gap]")) {
      const code = button.dataset.gap;
      button.setAttribute("aria-pressed", String(code ? chosen.has(code) : chosen.size === 0));
    }
    const told = `${count} of ${stories.length} ${stories.length === 1 ? "story" : "stories"}`;
    shown.textContent = chosen.size > 0 ? `${told} ${count === 1 ? "has" : "have"} these gaps` : "";
  };

  if (filter) {
    filter.hidden = false;
    filter.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      if (button.id) {
        for (const story of stories) story.open = button.id === "unfold" && !story.hidden;
        return;
      }
      const code = button.dataset.gap;
      if (!code) chosen.clear();
      else if (!chosen.delete(code)) chosen.add(code);
      apply();
    });
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (link) unfold(link.hash);
  });
  addEventListener("hashchange", () => unfold(location.hash));
  unfold(location.hash);

  let folded = [];
  addEventListener("beforeprint", () => {
    folded = stories.filter((story) => !story.open && !story.hidden);
    for (const story of folded) story.open = true;
  });
  addEventListener("afterprint", () => {
    for (const story of folded) story.open = false;
    folded = [];
  });
})();
