import type { Words } from "../i18n/words";

export const vi = {
  heading: "Trò chuyện",
  empty: "Chưa có tin nhắn. Tin nhắn chỉ có trong cuộc gọi này và không được lưu lại.",
  write: "Viết tin nhắn",
  hint: "Enter để gửi, Shift + Enter để xuống dòng",
  send: "Gửi",
  you: "Bạn",
  sending: "Đang gửi…",
  failed: "Chưa gửi được.",
  retry: "Gửi lại",
} as const;

export const en: Words<typeof vi> = {
  heading: "Chat",
  empty: "No messages yet. Messages exist only during this call and are not kept.",
  write: "Write a message",
  hint: "Enter sends, Shift + Enter starts a new line",
  send: "Send",
  you: "You",
  sending: "Sending…",
  failed: "Not sent.",
  retry: "Send again",
};
