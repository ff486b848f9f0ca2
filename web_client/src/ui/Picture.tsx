import type { Track } from "livekit-client";
import { useEffect, useRef } from "react";

interface Props {
  readonly track: Track | undefined;
  readonly label: string;
  readonly mirrored?: boolean;
  /** Whether the whole picture must be seen, at the price of empty edges. */
  readonly whole?: boolean;
}

/** Draws a video track. Its sound, if any, is played elsewhere. */
export function Picture({ track, label, mirrored = false, whole = false }: Props) {
  const ref = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const element = ref.current;
    if (track === undefined || element === null) {
      return;
    }
    track.attach(element);
    return () => {
      track.detach(element);
    };
  }, [track]);
  const classes = ["picture", mirrored && "picture--mirrored", whole && "picture--whole"].filter(Boolean);
  return <video ref={ref} className={classes.join(" ")} aria-label={label} autoPlay playsInline muted />;
}
