import { expect, test } from "vitest";
import { signInLink } from "./signed-out";

test("signing in leads back to the very place, with its filters and its line", () => {
  const place = new URL("http://localhost/deployments/7/log?follow=no&search=a%26b#line-3");
  const link = new URL(signInLink(place), place);
  expect(link.pathname).toBe("/auth/login");
  expect(link.searchParams.get("next")).toBe("/deployments/7/log?follow=no&search=a%26b#line-3");
});
