/** The sentences of teams, invitations and roles (part of the catalogue in `words.ts`). */
import type { Role } from "./types";
import { words } from "./words";

const roles: Record<Role, string> = {
  viewer: "Viewer",
  developer: "Developer",
  admin: "Admin",
  owner: "Owner",
};
/** Whom to ask for what a role allows. */
const whom: Record<Role, string> = {
  viewer: "members",
  developer: "developers, admins and owners",
  admin: "admins and owners",
  owner: "owners",
};

export const teamWords = {
  title: "Teams",
  team: "Team",
  create: "New team",
  help: "A team owns projects. Your personal team is yours alone; make another to work with others.",
  closed: (names: string[]) =>
    names.length === 1
      ? `The team ${names[0]} asks for a second factor.`
      : `The teams ${names.join(", ")} ask for a second factor.`,
  closedHelp: "Its projects are closed to you until you have one.",
  closedAction: "Set one up",
  closedHere: "This browser was signed in before you had one. Give it once.",
  closedGive: "Give it",
  columns: {
    name: "Name",
    role: "Your role",
    members: "Members",
    secondFactor: "Second factor",
    email: "Email",
    memberRole: "Role",
    expires: "Expires",
    does: "Actions",
  },
  personal: "personal",
  required: "required",
  notRequired: "not asked",
  roles,
  you: "you",
  why: {
    needs: (needs: Role, mine: Role) =>
      `This is for ${whom[needs]} of the team. Your role is ${roles[mine].toLowerCase()}: ask one of them.`,
    personal: "A personal team has one member. Make another team to work with others.",
    lastOwner: "A team needs an owner. Hand it over first.",
  },
  name: {
    label: "Name",
    help: "Unique on the platform. Small letters, digits and dashes, beginning with a letter.",
    wrong: "Use small letters, digits and dashes, beginning with a letter, at most 39 characters.",
    renameHelp: "The addresses of its projects stay as they are.",
    save: "Rename",
  },
  deleted: {
    list: (count: number) => words.plural(count, "deleted team", "deleted teams"),
    until: (date: string) => `can be restored until ${date}`,
    restore: "Restore",
    restoring: "Restoring",
  },
  members: {
    title: "Members",
    roleOf: (name: string) => `Role of ${name}`,
    set: "Set role",
    setOf: (name: string) => `Set the role of ${name}`,
    ownRole: "This is your own role. With a lower one you may not be able to take it back.",
    remove: "Remove",
    removeOf: (name: string) => `Remove ${name}`,
    removeTitle: (name: string, team: string) => `Remove ${name} from ${team}?`,
    removeHelp:
      "They lose the team's projects at once, also where they are signed in, and their roles in single projects. To come back they need an invitation.",
    leave: "Leave",
    leaveTitle: (team: string) => `Leave ${team}?`,
    leaveHelp:
      "You lose the team's projects at once, and your roles in single projects. To come back you need an invitation.",
  },
  invitations: {
    title: "Invitations",
    none: "No invitation is open.",
    expired: "expired",
    invite: "Invite",
    inviteTitle: (team: string) => `Invite somebody to ${team}`,
    inviteHelp: "You get a link to send to them. It works once, and only for this address.",
    email: "Email address",
    emailHelp: "They must sign in with this address, verified by the sign-in provider.",
    emailMissing: "Enter the address of whom you invite, for example ada@example.org.",
    role: "Role",
    days: "Good for",
    dayChoices: [
      ["1", "one day"],
      ["7", "7 days"],
      ["14", "14 days"],
      ["30", "30 days"],
    ] as [string, string][],
    madeTitle: (email: string) => `Invitation for ${email}`,
    once: "Copy the link now. It is not shown again.",
    only: (email: string, until: string) =>
      `Send it to ${email}. It is for that address only: nobody else can join by it. It works once, until ${until}.`,
    copy: "Copy the link",
    done: "Done",
    takeBack: "Take back",
    takeBackOf: (email: string) => `Take back the invitation of ${email}`,
    takeBackTitle: (email: string) => `Take back the invitation of ${email}?`,
    takeBackHelp: "Its link stops working at once. To invite them again you send a new one.",
    again: "New link",
    againOf: (email: string) => `New link for ${email}`,
    againHelp: "You get another link to send to them. The one before stops working.",
  },
  settings: {
    title: "Settings",
    secondFactor: "Second factor",
    secondFactorHelp: "Asked of everybody in this team, in addition to signing in.",
    secondFactorLabel: "Required of all members",
    ask: "Require it",
    askTitle: (team: string) => `Require a second factor in ${team}?`,
    /** Says how many lose the team, as far as one may know. */
    askHelp: (without: number | null) => {
      const effect = "the team and its projects at once, until they set one up.";
      if (without === null) return `Members who have none lose ${effect}`;
      if (without === 0) return "Every member has one. Whoever joins needs one too.";
      if (without === 1) return `1 member has none, and loses ${effect}`;
      return `${without} members have none, and lose ${effect}`;
    },
  },
  danger: {
    title: "Danger zone",
    help: "What ends your ownership, or the team.",
    handOver: "Hand over team",
    handingOver: "Handing over",
    handOverTitle: (team: string) => `Hand ${team} over?`,
    handOverTo: "New owner",
    choose: "Choose a member",
    handOverNone: "There is nobody to hand it over to. Invite somebody first.",
    gets: "They get",
    getsWhat: "Everything: members, projects, and the deletion of the team.",
    yours: "You become",
    yoursWhat: "Admin. Only an owner can make you owner again.",
    delete: "Delete team",
    deleting: "Deleting",
    deleteTitle: (team: string) => `Delete ${team}?`,
    lost: "Ends now",
    lostWhat: "Its members see it no more, and open invitations stop working.",
    kept: "Kept for now",
    keptWhat: "Members with their roles, and the name. An owner can restore the team for a week.",
    projects: "Projects",
    projectsWhat: "Must be deleted first. As long as the team has one, nothing happens.",
  },
  project: {
    title: "Roles in this project",
    help: "Another role in this project than in the team, more or less. Owners and admins keep theirs everywhere.",
    none: "Everybody has the role here that they have in the team.",
    nobody: "There is nobody else to give another role here.",
    member: "Member",
    choose: "Choose a member",
    memberLine: (name: string, email: string, role: Role) =>
      `${name} (${email}), ${roles[role].toLowerCase()} in the team`,
    role: "Role here",
    inTeam: "In the team",
    set: "Set role",
    clear: "Clear",
    clearOf: (name: string) => `Clear the role of ${name} in this project`,
  },
};

export const invitationWords = {
  title: (team: string) => `Join ${team}`,
  operatorTitle: "Become operator of this platform",
  operatorHelp: "An operator sees workers and jobs, and looks after the platform.",
  text: "You are invited to work with others on this platform.",
  team: "Team",
  role: "Role",
  address: "For",
  from: "Invited by",
  signIn: "Sign in and join",
  signInHelp: (email: string) => `Sign in with ${email}. With another address you cannot join.`,
  join: "Join",
  joinAs: (email: string) => `You are signed in as ${email}.`,
  otherTitle: (mine: string) => `You are signed in as ${mine}`,
  other: (email: string) =>
    `This invitation is for ${email}. Sign out, then sign in with that address. If the sign-in provider takes you as the same person again, sign out there too, or open the link in a private window.`,
  signOut: "Sign out",
  goneTitle: "This invitation is not open any more",
  missingTitle: "This link is not complete",
  missing:
    "What opens an invitation stands behind the # of its link, and is taken out of the address bar once it was read. Open the link again as it was sent to you.",
  toDashboard: "Go to the dashboard",
};
