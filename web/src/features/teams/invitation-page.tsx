import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useLocation, useNavigate } from "@tanstack/react-router";
import { type ReactNode, useEffect, useState } from "react";
import { Button, buttonClass } from "@/components/ui/button";
import { Calm } from "@/components/ui/calm";
import { Notice, Problem } from "@/components/ui/notice";
import { Facts } from "@/components/ui/page";
import { api, ask } from "@/lib/client";
import { askOnce } from "@/lib/once";
import { ApiProblem } from "@/lib/problem";
import { sessionQuery } from "@/lib/queries";
import type { Offer, Session } from "@/lib/types";
import { wordFor, words } from "@/lib/words";
import { accountWords } from "@/lib/words-deployments";
import { invitationWords } from "@/lib/words-teams";
import { offerQuery, standing, wayIn } from "./invitation";

const text = invitationWords;

function ToDashboard() {
  return (
    <Link to="/" className={buttonClass()}>
      {text.toDashboard}
    </Link>
  );
}

/** Signs in by the invitation: the provider comes back with the membership. */
function SignIn({ token, offer }: { token: string; offer: Offer }) {
  const go = useMutation({
    mutationFn: () => wayIn(token),
    onSuccess: (place) => window.location.assign(place),
  });
  return (
    <>
      {offer.email ? <p className="second">{text.signInHelp(offer.email)}</p> : null}
      <Problem error={go.error} />
      <Button look="primary" busy={go.isPending || go.isSuccess} onClick={() => go.mutate()}>
        {text.signIn}
      </Button>
    </>
  );
}

/** Joins as the one who is signed in, then opens the team. */
function Join({ token, offer, session }: { token: string; offer: Offer; session: Session }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const join = useMutation({
    mutationFn: async () => {
      await askOnce(`join ${token}`, (header) =>
        api.POST("/api/v1/invitations/accept", { params: { header }, body: { token } }),
      );
      return client.fetchQuery({ ...sessionQuery, staleTime: 0 });
    },
    onSuccess: ({ teams }) => {
      const team = teams.find(({ name }) => name === offer.team);
      if (team) void navigate({ to: "/teams/$teamId", params: { teamId: team.id } });
      else void navigate({ to: "/" });
    },
  });
  return (
    <>
      <p className="second">{text.joinAs(session.user.email)}</p>
      <Problem error={join.error} />
      <Button look="primary" busy={join.isPending} onClick={() => join.mutate()}>
        {text.join}
      </Button>
    </>
  );
}

/** Signed in as somebody whom it is not for. */
function Other({ offer, session }: { offer: Offer; session: Session }) {
  const client = useQueryClient();
  const out = useMutation({
    mutationFn: () => ask(api.POST("/api/v1/session/end")),
    onSettled: () => {
      client.removeQueries({
        predicate: ({ queryKey }) => queryKey[0] !== "session" && queryKey[0] !== "invitation",
      });
      return client.resetQueries({ queryKey: sessionQuery.queryKey });
    },
  });
  return (
    <>
      <Notice tone="warn" title={text.otherTitle(session.user.email)}>
        {offer.email ? text.other(offer.email) : null}
      </Notice>
      <Problem error={out.error} />
      <Button look="primary" busy={out.isPending} onClick={() => out.mutate()}>
        {text.signOut}
      </Button>
      <ToDashboard />
    </>
  );
}

function Offered({ token }: { token: string }) {
  const { data: offer, error, refetch } = useQuery(offerQuery(token));
  const session = useQuery(sessionQuery);
  if (error instanceof ApiProblem && error.status > 0 && error.status < 500)
    return (
      <Calm title={text.goneTitle} text={error.message}>
        <ToDashboard />
      </Calm>
    );
  if (error)
    return (
      <Calm title={words.errors.title}>
        <Problem error={error} retry={() => void refetch()} />
      </Calm>
    );
  if (!offer || session.isPending) return null;
  const known = session.data ?? null;
  const facts: [string, ReactNode][] = [
    [text.team, offer.team],
    [text.role, offer.role ? wordFor(accountWords.roles, offer.role) : null],
    [text.address, offer.email],
    [text.from, offer.invited_by],
  ];
  const who = standing(offer, known);
  return (
    <Calm
      title={offer.team ? text.title(offer.team) : text.operatorTitle}
      text={offer.team ? text.text : text.operatorHelp}
    >
      <Facts items={facts} />
      {known === null ? (
        <SignIn token={token} offer={offer} />
      ) : who === "invited" ? (
        <Join token={token} offer={offer} session={known} />
      ) : (
        <Other offer={offer} session={known} />
      )}
    </Calm>
  );
}

/** Where an invitation's link leads, signed in or not. What opens it leaves the address bar, and the history, at once. */
export function InvitationPage() {
  const navigate = useNavigate();
  const hash = useLocation({ select: (location) => location.hash });
  const [token, setToken] = useState(hash);
  useEffect(() => {
    if (!hash) return;
    setToken(hash);
    void navigate({ to: "/invitation", replace: true });
  }, [hash, navigate]);
  if (token) return <Offered key={token} token={token} />;
  return (
    <Calm title={text.missingTitle} text={text.missing}>
      <ToDashboard />
    </Calm>
  );
}
