// An upstream without a network: an undici dispatcher that has answered before `dispatch` returns.

/**
 * Every request gets the body, as JSON. It does the least that `undici.fetch` needs, where `MockAgent` looks for the
 * answer anew each time: what is compared with a call over it gets nothing for free.
 *
 * @param {Buffer} body
 * @returns {Pick<import("undici").Dispatcher, "dispatch">}
 */
export function answeringFromMemory(body) {
  const headers = ["content-type", "application/json", "content-length", String(body.length)].map((text) =>
    Buffer.from(text),
  );
  return {
    dispatch(_, handler) {
      handler.onConnect(() => {});
      handler.onHeaders(200, headers, () => {}, "OK");
      handler.onData(body);
      handler.onComplete([]);
      return true;
    },
  };
}
