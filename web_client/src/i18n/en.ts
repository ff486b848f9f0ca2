import * as app from "../app/strings";
import * as call from "../call/strings";
import * as chat from "../chat/strings";
import * as devices from "../devices/strings";
import * as left from "../left/strings";
import * as settings from "../settings/strings";
import * as start from "../start/strings";
import type { Catalogue } from "./vi";

export const en: Catalogue = {
  app: app.en,
  start: start.en,
  devices: devices.en,
  call: call.en,
  chat: chat.en,
  settings: settings.en,
  left: left.en,
};
