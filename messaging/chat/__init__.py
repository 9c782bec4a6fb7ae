"""The visitor's side of a conversation: who a visitor is, and the calls of the chat page and the widget."""
