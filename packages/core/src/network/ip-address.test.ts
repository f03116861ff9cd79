import { describe, expect, it } from "vitest";
import { readIpAddress, withoutMapping } from "./ip-address.js";

const words = (text: string) => readIpAddress(text)?.words.map((word) => word.toString(16));

describe("an address of IPv4", () => {
  it("is four numbers", () => {
    expect(readIpAddress("192.0.2.1")).toEqual({ family: 4, words: [0xc0000201] });
    expect(words("0.0.0.0")).toEqual(["0"]);
    expect(words("255.255.255.255")).toEqual(["ffffffff"]);
  });

  it.each([
    ["127.1", "fewer numbers, which others fill up"],
    ["2130706433", "one number"],
    ["0x7f.0.0.1", "hexadecimal"],
    ["010.0.0.1", "octal to some"],
    ["00.0.0.0", "zeros in front"],
    ["1.2.3.256", "a number above 255"],
    ["1.2.3.4.5", "five numbers"],
    ["1.2.3.4.", "a dot at the end"],
    [".1.2.3.4", "a dot at the start"],
    ["1..2.3", "a number that is missing"],
    ["1.2.3.+4", "a sign"],
    [" 1.2.3.4", "a space"],
    ["1.2.3.4\n", "a line break"],
    ["１.2.3.4", "a digit of another script"],
    ["1.2.3.4%eth0", "a zone"],
    ["1.2.3.4:80", "a port"],
    ["localhost", "a name"],
    ["", "nothing"],
  ])("is not %j: %s", (text) => {
    expect(readIpAddress(text)).toBeUndefined();
  });
});

describe("an address of IPv6", () => {
  it.each([
    ["::", ["0", "0", "0", "0"]],
    ["::1", ["0", "0", "0", "1"]],
    ["1::", ["10000", "0", "0", "0"]],
    ["1:2:3:4:5:6:7:8", ["10002", "30004", "50006", "70008"]],
    ["1:2:3:4:5:6:7::", ["10002", "30004", "50006", "70000"]],
    ["::2:3:4:5:6:7:8", ["2", "30004", "50006", "70008"]],
    ["1:2::7:8", ["10002", "0", "0", "70008"]],
    ["FD00:0EC2::0254", ["fd000ec2", "0", "0", "254"]],
    ["::ffff:192.0.2.1", ["0", "0", "ffff", "c0000201"]],
    ["1:2:3:4:5:6:192.0.2.1", ["10002", "30004", "50006", "c0000201"]],
    ["fe80::1%eth0", ["fe800000", "0", "0", "1"]],
    ["fe80::1%12", ["fe800000", "0", "0", "1"]],
    ["fe80::1%veth1.100@if2", ["fe800000", "0", "0", "1"]],
  ])("is %s", (text, expected) => {
    expect(words(text)).toEqual(expected);
    expect(readIpAddress(text)?.family).toBe(6);
  });

  it.each([
    ["[::1]", "brackets"],
    [":", "half a gap"],
    [":::", "a gap and a half"],
    ["1::2::3", "two gaps"],
    ["::1::", "two gaps"],
    ["1:2:3:4:5:6:7", "seven groups"],
    ["1:2:3:4:5:6:7:8:9", "nine groups"],
    ["1:2:3:4::5:6:7:8", "a gap for nothing"],
    ["1:2:3:4:5:6:7:8::", "a gap for nothing at the end"],
    ["::1:2:3:4:5:6:7:8", "a gap for nothing at the start"],
    ["1:2:3:4:5:6:7:", "a colon at the end"],
    [":1:2:3:4:5:6:7", "a colon at the start"],
    ["12345::", "five digits"],
    ["g::", "no digit"],
    ["::1.2.3", "three numbers at the end"],
    ["::01.2.3.4", "a zero in front of the first of them"],
    ["::1.2.3.4:5", "an IPv4 address that is not at the end"],
    ["1:2:3:4:5:6:7:1.2.3.4", "nine groups with an IPv4 address"],
    ["1:2:3:4:5:1.2.3.4", "seven groups with an IPv4 address"],
    ["::ffff:010.0.0.1", "an octal number in the IPv4 address"],
    ["fe80::1%", "an empty zone"],
    ["fe80::1%25%1", "two zones"],
    ["fe80::1% 1", "a space in the zone"],
    [`fe80::1%${"x".repeat(65)}`, "a zone that is too long"],
    ["%eth0", "a zone alone"],
    ["::1/128", "a range"],
  ])("is not %j: %s", (text) => {
    expect(readIpAddress(text)).toBeUndefined();
  });

  it("is its IPv4 address when it is mapped, and only then", () => {
    const dialled = (text: string) => {
      const address = readIpAddress(text);
      return address && withoutMapping(address);
    };
    expect(dialled("::ffff:a00:1")).toEqual(readIpAddress("10.0.0.1"));
    expect(dialled("::ffff:10.0.0.1")).toEqual(readIpAddress("10.0.0.1"));
    for (const other of [
      "::10.0.0.1",
      "64:ff9b::10.0.0.1",
      "::ffff:0:10.0.0.1",
      "::1:ffff:a00:1",
      "10.0.0.1",
    ]) {
      expect(dialled(other)).toEqual(readIpAddress(other));
    }
  });
});
