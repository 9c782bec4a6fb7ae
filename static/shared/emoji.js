/** The signs that both sides of a chat may choose from. */

export const SIGNS = [..."😀😄😁😅😂🙂😉😊😍😘🤔😐🙄😴😢😭😡😱🤗🤝👍👎👌👏🙏💪👋✨🔥🎉💯✅❌❓💡📦🚚💳🌹🍀"];
