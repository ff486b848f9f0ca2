/** Why a camera, microphone or screen cannot be used: each has its own advice in the catalogue. */
export type Problem =
  | "denied"
  | "notFound"
  | "inUse"
  | "insecure"
  | "inApp"
  | "unsupported"
  | "forbidden"
  | "other";

/** What matters about the place the page runs in. */
export interface Surroundings {
  readonly userAgent: string;
  readonly isSecureContext: boolean;
  readonly hasMediaDevices: boolean;
}

/** Apps that open links in a browser of their own, which often cannot use the camera. */
const IN_APP = /\b(Zalo|FBAN|FBAV|FB_IAB|Instagram|Line|MicroMessenger|TikTok|musical_ly|Viber)\b/i;

export function isInApp(userAgent: string): boolean {
  return IN_APP.test(userAgent);
}

/** What is wrong before anything is asked; `null` if asking makes sense. */
export function obstacle(where: Surroundings): Problem | null {
  if (where.hasMediaDevices) {
    return null;
  }
  if (isInApp(where.userAgent)) {
    return "inApp";
  }
  return where.isSecureContext ? "unsupported" : "insecure";
}

/**
 * Reads a failure of `getUserMedia` or `getDisplayMedia` by its DOMException name.
 *
 * In an app's own browser every failure has one cure: leave it. (W3C Media Capture and Streams §10.2)
 */
export function diagnose(error: unknown, where: Surroundings): Problem {
  const early = obstacle(where);
  if (early !== null) {
    return early;
  }
  return isInApp(where.userAgent) ? "inApp" : (BY_NAME[nameOf(error)] ?? "other");
}

const BY_NAME: Readonly<Record<string, Problem>> = {
  NotAllowedError: "denied",
  PermissionDeniedError: "denied",
  SecurityError: "denied",
  NotFoundError: "notFound",
  DevicesNotFoundError: "notFound",
  OverconstrainedError: "notFound",
  NotReadableError: "inUse",
  TrackStartError: "inUse",
  AbortError: "inUse",
  NotSupportedError: "unsupported",
  DeviceUnsupportedError: "unsupported",
  // Not the browser's: the SDK's, when the token does not let its bearer send.
  PublishTrackError: "forbidden",
};

function nameOf(error: unknown): string {
  return error instanceof Error || error instanceof DOMException ? error.name : "";
}

export function surroundings(): Surroundings {
  return {
    userAgent: navigator.userAgent,
    isSecureContext: window.isSecureContext,
    hasMediaDevices: typeof navigator.mediaDevices?.getUserMedia === "function",
  };
}
