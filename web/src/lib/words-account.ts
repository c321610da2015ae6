/** The sentences of sessions, the second factor and step-up (part of the catalogue in `words.ts`). */
import { words } from "./words";

export const provingWords = {
  code: "Code",
  codeHelp: "Six digits, from your authenticator app.",
  codeMissing: "Enter the six digits your app shows now.",
  recovery: "Recovery code",
  recoveryHelp: "One of the ten you kept. It works once.",
  recoveryMissing: "Enter one of your recovery codes.",
  give: "Continue",
  passkey: "Use a passkey",
  toCode: "Use the authenticator app",
  toRecovery: "Use a recovery code",
  passkeyOnly: "Your browser asks for the passkey: of this device, a phone or a security key.",
  noPasskeys: "Passkeys need https and a recent browser.",
  passkeyErrors: {
    NotAllowedError: "No passkey was given, or it took too long. Try again.",
    InvalidStateError: "This device has a passkey for this account already.",
    SecurityError: "A passkey belongs to one address. Open the dashboard at its own address and try again.",
    other: "The browser could not do this with a passkey. Try again, or another way.",
  },
};

export const signInWords = {
  title: "Second factor",
  text: (name: string, email: string) => `Signing in as ${name} (${email}).`,
  resetTitle: (until: string) => `Your second factor is taken away on ${until}`,
  reset:
    "An operator was told that you lost it. If you did, sign in again after that. If you did not, sign in now and cancel it under Account.",
  goneTitle: "This sign-in is not open any more",
  gone: "It took too long, or it was finished or cancelled in another tab. Start again.",
  again: "Sign in again",
  lost: "Lost the device and the recovery codes? An operator of this platform can reset your second factor.",
};

export const stepUpWords = {
  title: "Show that it is you",
  help: "This needs your second factor again. It counts for 10 minutes.",
  signIn:
    "This needs a sign-in within the last 10 minutes. Sign in again in a new tab; when you come back to this one, it goes on by itself.",
  again: "Sign in again",
};

export const sessionsWords = {
  title: "Sessions",
  help: "The browsers you are signed in with.",
  columns: { device: "Browser", address: "Address", seen: "Last seen", does: "Actions" },
  current: "this one",
  signedIn: (when: string) => `Signed in ${when}`,
  out: "Sign out",
  outOf: (device: string, address: string, when: string) =>
    `Sign out ${device} at ${address}, signed in ${when}`,
  others: "Sign out all others",
  othersTitle: "Sign out all other browsers?",
  othersHelp: "They are signed out within a second. API tokens go on working.",
  ended: (count: number) => `${words.plural(count, "session", "sessions")} ended.`,
};

export const factorWords = {
  title: "Second factor",
  help: "Asked for after the sign-in provider, and before dangerous acts.",
  none: "Off. With one, a stolen password alone signs nobody in.",
  app: "Authenticator app",
  appOn: "set up",
  off: "not set up",
  setUp: "Set up",
  setUpApp: "Set up the authenticator app",
  remove: "Remove",
  removeApp: "Remove the authenticator app",
  removeTitle: (what: string) => `Remove ${what}?`,
  removeAppName: "the authenticator app",
  removeLast:
    "It is your only second factor: your recovery codes go with it, and the provider alone signs you in.",
  removeOne: "You go on signing in with the others.",
  recovery: "Recovery codes",
  left: (count: number) => `${count} left`,
  few: (count: number) =>
    `${count === 0 ? "No recovery code is" : words.plural(count, "recovery code is", "recovery codes are")} left. Make new ones.`,
  makeCodes: "New codes",
  makeCodesTitle: "Make new recovery codes?",
  makeCodesHelp: "The ones you have stop working at once.",
  resetTitle: signInWords.resetTitle,
  reset: "An operator was told that you lost it. Not lost? Keep it.",
  keep: "Keep it",
  done: "Done",
  scan: {
    title: "Set up the authenticator app",
    help: "Scan the picture with the app, then enter the code it shows.",
    qr: "QR code for the authenticator app",
    secret: "Or type in this key",
    copy: "Copy the key",
    code: "Code",
    codeMissing: "Enter the six digits your app shows now.",
    confirm: "Confirm",
  },
  codes: {
    title: "Your recovery codes",
    help: "Each signs you in once when the second factor is lost. Keep them where you find them without this device.",
    once: "They are not shown again.",
    list: "Recovery codes",
    copy: "Copy the codes",
    download: "Download",
    file: "wisehosting-recovery-codes.txt",
    fileHead: (host: string) => `Recovery codes of WiseHosting at ${host}. Each works once.`,
  },
  passkeys: {
    title: "Passkeys",
    none: "none",
    count: (count: number) => `${count} set up`,
    add: "Add passkey",
    addHelp: "Your browser asks where to keep it: on this device, a phone or a security key.",
    name: "Name",
    nameHelp: "So that you know it again, for example the device it is on.",
    nameMissing: "Give the passkey a name.",
    unused: "never",
    columns: { name: "Name", used: "Last used", does: "Actions" },
    rename: "Rename",
    renameOf: (name: string) => `Rename ${name}`,
    renameTitle: (name: string) => `Rename ${name}`,
    removeOf: (name: string) => `Remove ${name}`,
  },
};
