/* On the page in the place of an admin page without cookies: opens the admin in a tab, with a fresh one-time code. */
import { openSession } from "./session.js";

const form = document.getElementById("open");
const alone = window.parent === window;
document.getElementById("framed").hidden = alone;
document.getElementById("alone").hidden = !alone;

function over() {
  form.hidden = true;
  document.getElementById("over").hidden = false;
}

// The code of the address is good for a minute; a session in memory gets new ones for as long as the page is open.
const opened = openSession().catch(over);

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    const session = await opened;
    const { handle, code } = await (await session.fetch("/auth/handoff/code", { method: "POST" })).json();
    form.elements.handle.value = handle;
    form.elements.code.value = code;
    form.submit();
  } catch {
    over();
  }
});
