// Clients that guard nothing, and the guard that one would write first: all get the same document and parse it.
import { Agent } from "node:http";
import axios from "axios";
import got from "got";
import ky from "ky";
import { fetch as undiciFetch, request as undiciRequest } from "undici";
import { AUTHORIZATION, documentOf } from "../calling.mjs";
import { SENSITIVE } from "../documents.mjs";
import { naiveDestroyText } from "../naive.mjs";

const headers = { authorization: AUTHORIZATION };

/**
 * All with their defaults, and connections that are kept. Those on `node:http` get an agent of their own for so many:
 * its global one closes what was idle for five seconds, which may be less than there is between two rounds.
 *
 * @param {string} url
 * @param {{ connections: number }} options
 * @returns {Record<string, { words: string, get: () => Promise<unknown> }>} `get` answers with the parsed document, and
 *   throws if there was none
 */
export function httpClients(url, { connections }) {
  const agent = () => new Agent({ keepAlive: true, maxSockets: connections });
  const kyInstance = ky.create({ headers });
  const gotInstance = got.extend({ headers, agent: { http: agent() } });
  // Axios would ask the environment for a proxy, which no other one does.
  const axiosInstance = axios.create({ headers, httpAgent: agent(), proxy: false });
  return {
    fetch: {
      words: "the bare global fetch",
      get: async () => documentOf(await fetch(url, { headers })),
    },
    undiciFetch: {
      words: "bare undici.fetch",
      get: async () => documentOf(await undiciFetch(url, { headers })),
    },
    undiciRequest: {
      words: "bare undici.request",
      get: async () => {
        const { statusCode, body } = await undiciRequest(url, { headers });
        if (statusCode !== 200) throw new Error(`the server answered ${statusCode}`);
        return body.json();
      },
    },
    ky: { words: "ky", get: () => kyInstance(url).json() },
    got: { words: "got", get: () => gotInstance(url).json() },
    axios: { words: "axios", get: async () => (await axiosInstance(url)).data },
    naive: {
      words: "the global fetch, text → parse → walk → stringify → new Response",
      get: async () => documentOf(await naivelyFiltered(await fetch(url, { headers }))),
    },
  };
}

const sensitive = new RegExp(SENSITIVE.pattern, SENSITIVE.flags);

async function naivelyFiltered(response) {
  const { status, statusText } = response;
  const left = naiveDestroyText(await response.text(), sensitive);
  const kept = new Headers(response.headers);
  kept.delete("content-length");
  return new Response(left, { status, statusText, headers: kept });
}
