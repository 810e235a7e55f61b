import { msg } from "@lingui/core/macro";
import type { MessageDescriptor } from "@lingui/core";
import type { Notification } from "@partyline/kit/api";
import { contactName } from "../conversation/index.ts";

/** Whom it is about: the customer's name, or their number. */
export function aboutWhom({ contact_name, contact_address }: Notification): string {
  return contactName({ contact: { id: "", name: contact_name, address: contact_address } });
}

/** What happened, in a few words. */
export function happened(told: Notification): MessageDescriptor {
  const who = told.actor_name;
  switch (told.kind) {
    case "mention":
      return who === null ? msg`You were mentioned` : msg`${who} mentioned you`;
    case "assigned":
      return who === null ? msg`This was assigned to you` : msg`${who} assigned this to you`;
    case "reply":
      return msg`${aboutWhom(told)} wrote`;
    case "failed":
      return told.event === "message.unknown"
        ? msg`Nobody knows whether your message arrived`
        : msg`Your message was not delivered`;
    case "task":
      if (told.event === "task.due") return msg`Your task is due`;
      return who === null ? msg`You were given a task` : msg`${who} gave you a task`;
    case "draft_review":
      return who === null ? msg`A draft waits for your review` : msg`${who} asks you to review a draft`;
    default:
      return msg`Something happened`;
  }
}
