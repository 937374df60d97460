// Follows a link of the navigation until its page has come.
//
// Streamlit runs the newest page that its browser names, and a component of the page that is being left (the camera's
// frame tells its state when it has loaded) still names that one: the visitor's click would be lost.
(() => {
  if (window.signcoreLinks) return;
  window.signcoreLinks = true;
  const patience_ms = 700;
  const tries = 20;
  const selector = '[data-testid="stTopNavLink"], [data-testid="stTopNavDropdownLink"], [data-testid="stSidebarNavLink"]';
  let timer = 0;

  const follow = (href, left) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (location.href.split(/[?#]/)[0] === href || left === 0) return;
      const link = [...document.querySelectorAll(selector)].find((one) => one.href === href);
      follow(href, left - 1);
      link?.click();
    }, patience_ms);
  };

  document.addEventListener(
    "click",
    (event) => {
      const link = event.isTrusted && event.target.closest?.(selector);
      const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey;
      if (link && !elsewhere) follow(link.href, tries);
    },
    true,
  );
  window.addEventListener("popstate", () => clearTimeout(timer));
})();
