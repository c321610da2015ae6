import { Link } from "@tanstack/react-router";
import { Check, KeyRound, LogOut, Monitor, Moon, Sun, UserRound } from "lucide-react";
import { Menu, MenuItem, MenuRule, menuLabelClass } from "@/components/ui/menu";
import { words } from "@/lib/words";
import styles from "./navigation.module.css";
import { useSession } from "./session-gate";
import { signOut, useSigningOut } from "./sign-out";
import { chooseTheme, THEME_CHOICES, useTheme } from "./theme";
import { UserButton } from "./user-button";

const THEME_ICONS = { light: Sun, dark: Moon, system: Monitor };

/** The account, the theme and the way out. */
export default function UserMenu() {
  const { user } = useSession();
  const theme = useTheme();
  const { busy } = useSigningOut();
  return (
    <Menu side="top" align="start" trigger={<UserButton />}>
      <div className={`${menuLabelClass} cut`}>{user.email}</div>
      <MenuItem render={<Link to="/account" />}>
        <UserRound aria-hidden />
        {words.frame.account}
      </MenuItem>
      <MenuItem render={<Link to="/account/tokens" />}>
        <KeyRound aria-hidden />
        {words.frame.tokens}
      </MenuItem>
      <MenuRule />
      <div className={menuLabelClass}>{words.frame.theme}</div>
      {THEME_CHOICES.map((choice) => {
        const Icon = THEME_ICONS[choice];
        return (
          <MenuItem key={choice} onClick={() => chooseTheme(choice)}>
            <Icon aria-hidden />
            {words.frame.themes[choice]}
            {theme === choice ? <Check aria-hidden className={styles.tick} /> : null}
          </MenuItem>
        );
      })}
      <MenuRule />
      <MenuItem onClick={() => void signOut()} why={busy ? words.session.signingOut : null}>
        <LogOut aria-hidden />
        {words.session.signOut}
      </MenuItem>
    </Menu>
  );
}
