/** Objects with their version (ETag): read, and changed only as long as nobody was faster. */

import {Refusal} from "../../api.js";
import {problemOf} from "../../sse.js";

/** @returns {Promise<{object: object, etag: string}>} */
export const readTagged = (desk, path) => call(desk, path, {});

/** Change the fields that are given, if the object still has this version. Rejects with a Refusal; one of code
    `conflict` has `problem.current` and `etag`, how the object is now. */
export const writeTagged = (desk, path, changes, etag) =>
  call(desk, path, {
    method: "PUT",
    headers: {"Content-Type": "application/json", ...(etag && {"If-Match": etag})},
    body: JSON.stringify(changes),
  });

async function call(desk, path, options) {
  let response;
  try {
    response = await desk.session.fetch(`/api/${path}`, {cache: "no-store", ...options});
  } catch (error) {
    if (error.status === 401) desk.end(error.code);
    throw new Refusal(error.status ? {...error.problem, code: error.code, status: error.status} : {code: "offline"});
  }
  const etag = response.headers.get("ETag") ?? "";
  if (response.ok) return {object: await response.json(), etag};
  throw Object.assign(new Refusal(await problemOf(response)), {etag});
}
