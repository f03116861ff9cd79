import { describe, expect, it } from "vitest";
import { apiKey } from "./api-key.js";

const keysIn = (text: string) => apiKey.find(text).map(({ start, end }) => text.slice(start, end));

describe("a key with a known prefix", () => {
  it.each([
    ["AWS", "AKIAIOSFODNN7EXAMPLE"],
    ["AWS, temporary", "ASIAIOSFODNN7EXAMPLE"],
    ["Docker Hub", `dckr_pat_${"aB3-".repeat(6)}`],
    ["DigitalOcean", `dop_v1_${"0f".repeat(32)}`],
    ["GitHub", `ghp_${"aB3".repeat(12)}`],
    ["GitHub, fine-grained", `github_pat_${"aB3_".repeat(20)}`],
    ["GitLab", `glpat-${"aB3-".repeat(5)}`],
    ["Google", `AIza${"aB3_-".repeat(7)}`],
    ["Google OAuth", `GOCSPX-${"aB3-".repeat(7)}`],
    ["Google OAuth, access token", `ya29.${"aB3-".repeat(30)}`],
    ["Hugging Face", `hf_${"aBcD".repeat(8)}`],
    ["npm", `npm_${"aB3".repeat(12)}`],
    ["OpenAI", `sk-proj-${"aB3_".repeat(12)}`],
    ["Anthropic", `sk-ant-api03-${"aB3-".repeat(20)}`],
    ["PyPI", `pypi-${"AgEI".repeat(15)}`],
    ["SendGrid", `SG.${"aB3".repeat(7)}a.${"aB3-".repeat(11)}`],
    ["Shopify", `shpat_${"0F".repeat(16)}`],
    ["Slack", "xoxb-123456789012-abcDEF"],
    ["Stripe", "sk_live_a1b2c3d4e5f6g7h8"],
    ["Stripe, restricted", "rk_live_a1b2c3d4e5f6g7h8"],
    ["Twilio", `SK${"0f".repeat(16)}`],
    ["Vault", `hvs.${"aB3_".repeat(6)}`],
  ])("is found: %s", (_, key) => {
    expect(keysIn(`key="${key}"`)).toEqual([key]);
    expect(keysIn(`my_${key}\n`)).toEqual([key]);
    expect(keysIn(`x${key}`)).toEqual([]);
  });

  it.each([
    ["is too short", "ghp_abc"],
    ["has too many characters for an exact form", "AKIAIOSFODNN7EXAMPLEX"],
    ["has a character of another alphabet", `SK${"0F".repeat(16)}`],
    ["has no digit where words could follow", "sk-loading-indicator-container"],
    ["has a digit only behind it", `sk-${"a".repeat(30)} 1`],
  ])("is none where it %s", (_, text) => {
    expect(keysIn(text)).toEqual([]);
  });

  it("takes in all that follows in its alphabet", () => {
    expect(keysIn(`npm_${"a1".repeat(18)}more.txt`)).toEqual([`npm_${"a1".repeat(18)}more`]);
  });

  it("may begin inside of another and reach further", () => {
    const outer = `ghp_${"aB3".repeat(12)}_sk`;
    expect(keysIn(`${outer}-${"aB3-".repeat(6)}`)).toEqual([outer, `sk-${"aB3-".repeat(6)}`]);
  });
});
