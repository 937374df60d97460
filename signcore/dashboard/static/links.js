// Follows a link to a page until the page has come, and stays; and folds the menu that it was in on a telephone.
//
// Streamlit runs the newest page that its browser names, and a component of the page that is being left (the camera's
// frame tells its state when it has loaded) still names that one: the visitor's click would be lost.
(() => {
  if (window.signcoreLinks) return;
  window.signcoreLinks = true;
  const patience_ms = 700;
  const tries = 5;
  // From here down Streamlit's menu lies over the page; it stays there unless it is folded.
  const narrow = matchMedia("(max-width: 768px)");
  const kinds = ["stTopNavLink", "stTopNavDropdownLink", "stSidebarNavLink", "stPageLink-NavLink"];
  const selector = kinds.map((kind) => `[data-testid="${kind}"]`).join();
  let timer = 0;

  const place = (address) => address.split(/[?#]/)[0].replace(/\/$/, "");

  // The page may come and be left again, when what still names the other one is late: the address is watched to the end.
  const follow = (href, left) => {
    clearTimeout(timer);
    if (left === 0) return;
    timer = setTimeout(() => {
      const link = [...document.querySelectorAll(selector)].find((one) => one.href === href);
      follow(href, left - 1);
      if (place(location.href) !== place(href)) link?.click();
    }, patience_ms);
  };

  const fold = () => document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();

  document.addEventListener(
    "click",
    (event) => {
      const link = event.isTrusted && event.target.closest?.(selector);
      const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey;
      if (!link || elsewhere) return;
      follow(link.href, tries);
      if (narrow.matches && link.dataset.testid === "stSidebarNavLink") setTimeout(fold);
    },
    true,
  );
  window.addEventListener("popstate", () => clearTimeout(timer));
})();
