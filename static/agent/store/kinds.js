/** What kind of conversation it is. */

/** Whether colleagues talk to each other: two of them, or a group. Then there is nobody to accept, answer or note for. */
export const amongColleagues = (thread) => thread?.type === "MEMBER" || thread?.type === "GROUP";

/** Whether a visitor is on the other side. */
export const isVisit = (thread) => !!thread && !amongColleagues(thread) && thread.type !== "TICKET";
