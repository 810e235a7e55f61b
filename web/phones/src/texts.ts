/** Every text of the page, in one place. Whole sentences only; figures by `Intl`. */

const language = "en";
const whole = new Intl.NumberFormat(language);
const clock = new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit" });
const exact = new Intl.DateTimeFormat(language, {
  hour: "numeric",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
  hourCycle: "h23",
});
const list = new Intl.ListFormat(language, { style: "short", type: "unit" });
const plural = new Intl.PluralRules(language);

export const texts = {
  title: "Simulator",
  safe: "no real texts leave this machine",
  seed: (seed: number) => `seed ${seed}`,
  addPhone: "Phone",
  addPhoneLabel: "Add a phone",
  startOver: "Start over",
  openInbox: "Open the inbox beside it",
  loading: "Connecting to the carrier…",
  lost: "The carrier does not answer. This page catches up by itself.",
  phones: "Phones",

  newPhone: {
    title: "Add a phone",
    name: "Whose it is",
    number: "Number",
    hint: "With a plus and the country, such as +16505550110. Numbers with 555-01 are nobody's.",
    add: "Add",
    cancel: "Cancel",
  },

  phone: {
    region: (name: string) => `Phone of ${name}`,
    on: "on",
    off: "off",
    switchOff: "Switch the phone off",
    switchOn: "Switch the phone on",
    isOnNamed: (name: string) => `The phone of ${name} is on`,
    isOffNamed: (name: string) => `The phone of ${name} is off`,
    optedOut: "opted out",
    noSignal: "no signal",
    textTo: "Number to text",
    log: (name: string) => `Texts of ${name}`,
    empty: "No texts yet. Write one below.",
    isOff: "This phone is off. Texts to it fail with 30003 after a while.",
    placeholder: "Text message",
    composer: (name: string) => `Text from ${name}`,
    attach: "Add a picture",
    send: "Send",
    remove: (file: string) => `Leave out ${file}`,
    picture: "Picture",
    file: "File",
    automatic: "Automatic reply of the provider",
    failsIn: (seconds: number) => `fails in ${whole.format(seconds)} s`,
    failed: (code: number) => `not delivered, ${code}`,
  },

  outgoing: {
    waiting: "Sending",
    noHook: "Sent; the number has no webhook",
    delivered: "Delivered",
    unanswered: "The inbox did not answer",
    refused: (status: number) => `The inbox answered ${status}`,
  },

  refused: {
    unreachable: "The carrier does not answer.",
    no_such_phone: "This phone is gone. Reload the page.",
    no_such_number: "Nobody has the number that this phone is texting.",
    phone_off: "This phone is off. Switch it on to text.",
    empty: "Write a text or add a picture.",
    too_long: "A text has at most 1,600 characters.",
    too_much_media: "At most 10 files of 5 MB each fit into one message.",
    unknown_media: "Only pictures, sound, video and PDF can be sent.",
    bad_number: "Write the number with a plus and the country, such as +16505550110.",
    number_taken: "Somebody has this number already.",
    too_many_phones: "There are 200 phones already.",
    other: "That did not work. Try again.",
  } as Record<string, string>,

  faults: {
    title: "Faults",
    lead: "What carriers and providers really do. The inbox must stay right.",
    groups: { webhooks: "Webhooks", carrier: "Carrier", provider: "Provider and us" },
    times: (count: number) => (plural.select(count) === "one" ? "the next one" : `the next ${whole.format(count)}`),
    amountOf: (fault: string) => `How much: ${fault}`,
    whichPhone: "Which phone",
    names: {
      duplicate_webhooks: ["Send each webhook twice", "No message may appear twice"],
      hold_receipts_s: ["Hold receipts back", "“Delivered” comes late"],
      shuffle_receipts: ["Shuffle receipts", "“Sent” after “delivered”"],
      lose_receipts_percent: ["Lose some receipts", "The status becomes unknown"],
      wrong_signature: ["Sign with a wrong key", "Must be refused and counted"],
      phone_off: ["Turn a phone off", "30003, after a while"],
      filter_as_spam: ["Filter as spam", "30007, the text vanishes"],
      landline: ["Answer from a landline", "30006, cannot receive texts"],
      refuse_opted_out: ["Refuse as opted out", "21610, as if STOP had come"],
      send_latency_ms: ["Answer sends late", "One at a time, none twice"],
      too_many_requests: ["Answer 429 Too many requests", "Sends must queue, not fail"],
      server_error: ["Answer 500", "Unknown, until it is looked up"],
      drop_after_accept: ["Take it, then hang up", "Sent once, though nobody said so"],
      down_s: ["Be down for a while", "Then fetch what was missed"],
    } as Record<string, [string, string]>,
    seconds: (count: number) => `${whole.format(count)} s`,
    minutes: (count: number) => `${whole.format(count)} min`,
    percent: (count: number) => `${whole.format(count)} %`,
    left: (seconds: number) => `${whole.format(seconds)} s left`,
    allAnswered: (count: number) =>
      plural.select(count) === "one" ? "1 webhook, answered" : `${whole.format(count)} webhooks, all answered`,
    someUnanswered: (bad: number, count: number) =>
      `${whole.format(bad)} of ${whole.format(count)} webhooks not accepted`,
  },

  wire: {
    title: "On the wire",
    hint: "exact payloads, click a line to see one",
    touched: "touched by a fault",
    lookups: "Show look-ups",
    empty: "Nothing yet. Send a text from a phone.",
    request: "Request",
    answer: "Answer",
    noAnswer: "There was no answer.",
    noBody: "(no body)",
    latency: (ms: number) => `${whole.format(ms)} ms`,
    smsIn: (name: string) => `text in, from ${name}`,
    smsOut: (name: string, segments: number, encoding: string) =>
      plural.select(segments) === "one"
        ? `text out to ${name}, 1 segment, ${encoding}`
        : `text out to ${name}, ${whole.format(segments)} segments, ${encoding}`,
    sendRefused: "text out, not taken",
    sendRefusedWith: (code: number) => `text out, not taken: ${code}`,
    receipt: (status: string, name: string) => `${status}, the text to ${name}`,
    about: {
      list: "list of messages",
      fetch: "one message looked up",
      change: "a message changed",
      media: "a picture fetched",
      numbers: "numbers looked up or set",
      account: "credentials checked",
    } as Record<string, string>,
    fault: {
      duplicate_webhooks: "the same again",
      hold_receipts_s: "held back",
      shuffle_receipts: "shuffled",
      lose_receipts_percent: "lost",
      wrong_signature: "signed with a wrong key",
      filter_as_spam: "to be filtered",
      landline: "to a landline",
      send_latency_ms: "answered late",
      too_many_requests: "refused",
      server_error: "refused",
      drop_after_accept: "taken, then hung up",
      down_s: "the provider is down",
    } as Record<string, string>,
    withFaults: (what: string, faults: string[]) => `${what}; by fault: ${list.format(faults)}`,
    unknown: (what: string, names: string[]) => `${what}; unknown to the provider: ${list.format(names)}`,
    outcome: {
      waiting: "waiting",
      timeout: "timed out",
      connect: "nobody there",
      dropped: "no answer",
      down: "not sent",
      lost: "never sent",
    },
  },

  clock: (at: Date) => clock.format(at),
  exact: (at: string) => exact.format(new Date(at)),
};

/** A sentence for a refusal's code. */
export function refusal(code: string): string {
  return texts.refused[code] ?? texts.refused.other ?? code;
}

/** `(415) 555-0142` for a number of North America, the number itself otherwise. */
export function readableNumber(number: string): string {
  const parts = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number);
  return parts ? `(${parts[1]}) ${parts[2]}-${parts[3]}` : number;
}
