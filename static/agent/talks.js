/** Writing to colleagues: in the talk that goes on with one of them, or in a new one; to several in a group. */

import {newId} from "./store/outbox.js";
import {nameOfUser} from "./view/people.js";

const LONGEST = 300; // characters of a group's name

/**
 * Resolves with the conversation; the desk knows it then. Rejects with the desk's refusal.
 * @param {{topic?: string, key?: string}} more `key`: the same one twice begins one conversation
 */
export async function talkWith(desk, people, {topic = "", key = newId()} = {}) {
  const thread = (people.length === 1 && (await openTalk(desk, people[0].id))) || (await begun(desk, people, topic, key));
  return desk.threads.put(thread, {whole: true});
}

/** What a group is called where nobody names it. */
export const groupName = (desk, people) => [desk.profile.peek(), ...people].map(nameOfUser).join(", ").slice(0, LONGEST);

function begun(desk, people, topic, key) {
  const body = people.length === 1
    ? {type: "MEMBER", agent: people[0].id}
    : {type: "GROUP", topic: topic.trim() || groupName(desk, people), members: people.map(({id}) => id)};
  return desk.api.post("threads/create", body, {headers: {"Idempotency-Key": key}});
}

async function openTalk(desk, id) {
  const {items} = await desk.api.list("threads/list?type=MEMBER&state=open&limit=200");
  return items.find(({user}) => user?.id === id);
}
