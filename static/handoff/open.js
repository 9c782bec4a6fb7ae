/* On the page that asks before another user is signed in: moves the one-time code from the address into the form. */
(() => {
  const code = new URLSearchParams(location.hash.slice(1)).get("hs");
  history.replaceState(null, "", location.pathname + location.search);
  document.getElementById("open").elements.code.value = code || "";
})();
