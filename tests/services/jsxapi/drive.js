// Drives a codec on a serial port with Cisco's own library, and tells what it saw as one JSON object a line.
//
//   NODE_PATH=…/node_modules node drive.js PORT [PASSWORD]
//
// The library brings its own commands, tags and JSON; only the login and the port are ours. Nothing of the product
// is used here.
"use strict";

const fs = require("fs");
const tty = require("tty");
const { Duplex } = require("stream");
const { XAPI } = require("jsxapi");
const TSHBackend = require("jsxapi/lib/backend/tsh").default;

const [port, password] = process.argv.slice(2);
const fd = fs.openSync(port, "r+");
const input = new tty.ReadStream(fd);
const tell = (what, value) => process.stdout.write(JSON.stringify({ [what]: value }) + "\n");

function until(pattern) {
  return new Promise((resolve) => {
    let seen = "";
    const hear = (data) => {
      seen += data;
      if (pattern.test(seen)) {
        input.off("data", hear);
        resolve(seen);
      }
    };
    input.on("data", hear);
  });
}

async function login() {
  fs.writeSync(fd, "\n");
  await until(/login:\s*$/i);
  fs.writeSync(fd, "admin\n");
  await until(/password:\s*$/i);
}

function transport() {
  const stream = new Duplex({
    read() {},
    write(chunk, _encoding, done) {
      fs.write(fd, chunk, (error) => done(error));
    },
  });
  input.on("data", (data) => stream.push(data));
  stream.close = () => {
    input.destroy();
    stream.destroy();
  };
  return stream;
}

async function main() {
  if (password) {
    await login();
  }
  const backend = new TSHBackend(transport());
  const xapi = new XAPI(backend);
  fs.writeSync(fd, (password || "") + "\n");
  await new Promise((resolve, reject) => {
    xapi.on("ready", resolve);
    xapi.on("error", reject);
  });
  tell("ready", true);
  tell("product", await xapi.status.get("SystemUnit ProductId"));
  tell("volume", await xapi.status.get("Audio Volume"));
  await xapi.command("Audio Volume Set", { Level: 30 });
  tell("volume", await xapi.status.get("Audio Volume"));
  await xapi.config.set("Conference AutoAnswer Mode", "On");
  tell("autoanswer", await xapi.config.get("Conference AutoAnswer Mode"));
  await xapi.command("UserInterface Message Alert Display", { Title: "a", Text: 'say "b"', Duration: 3 }, "body {\n}");
  for (const bad of [() => xapi.command("Dila"), () => xapi.status.get("Audio Foo"), () => xapi.command("Dial")]) {
    await bad().then(() => tell("refused", "no"), (error) => tell("refused", error.message));
  }

  const gone = new Promise((resolve) => xapi.status.on("Call", (call) => {
    tell("call", call.ghost ? "ghost" : call.Status || "");
    if (call.ghost) resolve(call.id);
  }));
  const up = new Promise((resolve) => xapi.status.on("Call Status", (word) => word === "Connected" && resolve()));
  const why = new Promise((resolve) => xapi.event.on("CallDisconnect", resolve));
  xapi.status.on("Audio Microphones Mute", (word) => tell("mute", word));
  // Registered one after the other: when the last answer is here, all are.
  await xapi.status.get("Audio Volume");
  const dialled = await xapi.command("Dial", { Number: "mcu@example.com", Protocol: "Sip" });
  tell("dialled", dialled.CallId);
  await up;
  tell("listed", (await xapi.status.get("Call")).map((call) => [call.id, call.RemoteNumber, call.Status]));
  await xapi.command("Audio Microphones Mute");
  await xapi.command("Call Disconnect", { CallId: dialled.CallId });
  tell("cause", (await why).CauseType);
  tell("gone", await gone);
  xapi.close();
  process.exit(0);
}

main().catch((error) => {
  tell("error", String(error && error.stack));
  process.exit(1);
});
