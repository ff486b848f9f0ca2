import type { Words } from "../i18n/words";

export const vi = {
  title: "Hội chẩn từ xa",
  name: "Hội chẩn",
  purpose: "Gặp bác sĩ ở bệnh viện khác, nhìn thấy và nghe rõ nhau, ngay trong trình duyệt này.",
  language: "Ngôn ngữ",
  languages: { vi: "Tiếng Việt", en: "English" },
  textSize: "Cỡ chữ",
  close: "Đóng",
  skip: "Đến nội dung chính",
  broken: "Trang này gặp lỗi. Tải lại trang, rồi vào lại phòng.",
  reload: "Tải lại trang",
} as const;

export const en: Words<typeof vi> = {
  title: "Remote case conference",
  name: "Hoichan",
  purpose: "Meet doctors in other hospitals, see and hear each other clearly, right in this browser.",
  language: "Language",
  languages: { vi: "Tiếng Việt", en: "English" },
  textSize: "Text size",
  close: "Close",
  skip: "Go to main content",
  broken: "This page has failed. Reload it, then join the room again.",
  reload: "Reload",
};
