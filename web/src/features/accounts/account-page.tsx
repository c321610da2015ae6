import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Monitor, Moon, Sun } from "lucide-react";
import { useSession } from "@/app/session-gate";
import { signOut, useSigningOut } from "@/app/sign-out";
import { chooseTheme, THEME_CHOICES, useTheme } from "@/app/theme";
import { Button, buttonClass } from "@/components/ui/button";
import { Facts, Page, Setting } from "@/components/ui/page";
import { tokensQuery } from "@/lib/queries";
import { wordFor, words } from "@/lib/words";
import { accountWords } from "@/lib/words-deployments";
import styles from "./account.module.css";
import { FactorsSection } from "./factors-section";
import { SessionsSection } from "./sessions-section";

const text = accountWords;
const ICONS = { light: Sun, dark: Moon, system: Monitor };

function Theme() {
  const theme = useTheme();
  return (
    <fieldset className={styles.choices}>
      <legend className="only-read">{words.frame.theme}</legend>
      {THEME_CHOICES.map((choice) => {
        const Icon = ICONS[choice];
        return (
          <label key={choice} className={styles.choice}>
            <input
              type="radio"
              name="theme"
              value={choice}
              checked={theme === choice}
              onChange={() => chooseTheme(choice)}
            />
            <Icon aria-hidden />
            {words.frame.themes[choice]}
          </label>
        );
      })}
    </fieldset>
  );
}

/** Who is signed in and how, in which browsers, what programs may act for them, and how the dashboard looks. */
export function AccountPage() {
  const { user, team } = useSession();
  const { data } = useQuery(tokensQuery);
  const { busy } = useSigningOut();
  return (
    <Page title={text.title}>
      <div className={styles.parts}>
        <Setting title={text.signedIn} help={text.signedInHelp}>
          <Facts
            items={[
              [text.person, user.name],
              [text.email, user.email],
              [text.team, team.name],
              [text.role, wordFor(text.roles, team.role)],
              [text.operator, user.operator ? text.operatorYes : null],
            ]}
          />
          <div>
            <Button busy={busy} onClick={() => void signOut()}>
              {words.session.signOut}
            </Button>
          </div>
        </Setting>
        <FactorsSection />
        <SessionsSection />
        <Setting title={text.tokens} help={text.help}>
          <div className={styles.line}>
            <Link to="/account/tokens" className={buttonClass()}>
              {text.toTokens}
            </Link>
            {data ? <span className="third numbers">{text.count(data.items.length)}</span> : null}
          </div>
        </Setting>
        <Setting title={words.frame.theme} help={text.themeHelp}>
          <Theme />
        </Setting>
      </div>
    </Page>
  );
}
