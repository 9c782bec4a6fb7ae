/** Keeps a message that cannot be drawn apart: one that a program has sent, of a kind unknown here, takes no conversation away. */

import {Component} from "preact";
import {html} from "../../html.js";
import {gettext} from "../../i18n.js";

export class Apart extends Component {
  state = {broken: null}; // the message as it was when it could not be drawn: edited or recalled it is tried again

  componentDidCatch(error) {
    console.error(error);
    this.setState({broken: this.props.message});
  }

  render({message, children}, {broken}) {
    if (broken !== message) return children;
    return html`<article class="message is-theirs" tabindex="-1" data-seq=${message.seq}>
      <div class="bubble-box"><p class="bubble is-empty">${gettext("This message cannot be shown.")}</p></div>
    </article>`;
  }
}
