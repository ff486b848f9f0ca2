import * as app from "../app/strings";
import * as call from "../call/strings";
import * as chat from "../chat/strings";
import * as devices from "../devices/strings";
import * as left from "../left/strings";
import * as settings from "../settings/strings";
import * as start from "../start/strings";
import type { Words } from "./words";

/** Vietnamese is the language the product is written in; English follows its keys. */
export const vi = {
  app: app.vi,
  start: start.vi,
  devices: devices.vi,
  call: call.vi,
  chat: chat.vi,
  settings: settings.vi,
  left: left.vi,
} as const;

export type Catalogue = Words<typeof vi>;
