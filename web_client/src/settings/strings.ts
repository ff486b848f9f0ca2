import type { Words } from "../i18n/words";

export const vi = {
  heading: "Cài đặt",
  devices: "Thiết bị",
  display: "Hiển thị",
  view: "Cách xem",
  picture: "Hình gửi đi",
  pictures: { standard: "Thường (720p)", saver: "Tiết kiệm (360p, cho máy cũ hoặc mạng yếu)" },
  pictureHint: "Áp dụng khi bật lại camera.",
  shortcuts: "Dùng phím tắt một chữ cái",
  shortcutList: "Phím tắt",
  keys: {
    microphone: "Bật hoặc tắt micro",
    camera: "Bật hoặc tắt camera",
    screen: "Chia sẻ màn hình",
    hand: "Giơ tay hoặc hạ tay",
    chat: "Trò chuyện",
    people: "Người tham gia",
    view: "Đổi cách xem",
  },
} as const;

export const en: Words<typeof vi> = {
  heading: "Settings",
  devices: "Devices",
  display: "Display",
  view: "View",
  picture: "Picture sent",
  pictures: { standard: "Standard (720p)", saver: "Saver (360p, for old computers or weak links)" },
  pictureHint: "Takes effect when the camera is turned on again.",
  shortcuts: "Use single-letter shortcuts",
  shortcutList: "Shortcuts",
  keys: {
    microphone: "Microphone on or off",
    camera: "Camera on or off",
    screen: "Share the screen",
    hand: "Raise or lower your hand",
    chat: "Chat",
    people: "Participants",
    view: "Change the view",
  },
};
