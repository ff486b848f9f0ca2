import type { Words } from "../i18n/words";

export const vi = {
  camera: "Camera",
  microphone: "Micro",
  speaker: "Loa",
  systemDefault: "Mặc định của máy",
  unnamed: "Thiết bị {{number}}",
  preview: "Hình của bạn (soi gương)",
  level: "Mức âm thanh của micro",
  levelHint: "Hãy nói thử: vạch xanh phải chuyển động.",
  cameraOff: "Camera đang tắt",
  opening: "Đang mở camera và micro. Nếu trình duyệt hỏi, hãy bấm “Cho phép”.",
  turnOnCamera: "Bật camera",
  turnOffCamera: "Tắt camera",
  turnOnMicrophone: "Bật micro",
  turnOffMicrophone: "Tắt micro",
  testSpeaker: "Thử loa",
  testing: "Đang phát…",
  speakerFixed: "Trình duyệt này dùng loa mặc định của máy.",
  retry: "Thử lại",
  problem: {
    camera: "Chưa dùng được camera.",
    microphone: "Chưa dùng được micro.",
    screen: "Chưa chia sẻ được màn hình.",
    both: "Chưa dùng được camera và micro.",
  },
  advice: {
    denied:
      "Trình duyệt đang chặn. Bấm biểu tượng ổ khóa hoặc camera trên thanh địa chỉ, chọn “Cho phép”, rồi bấm “Thử lại”.",
    notFound: "Không tìm thấy thiết bị. Hãy cắm lại dây rồi bấm “Thử lại”.",
    inUse:
      "Chương trình khác đang dùng thiết bị. Hãy đóng Zalo, Zoom, Skype hoặc thẻ khác rồi bấm “Thử lại”.",
    insecure: "Trang này chưa được mở bằng địa chỉ an toàn. Hãy dùng địa chỉ bắt đầu bằng https://.",
    inApp: "Trình duyệt trong Zalo không mở được camera. Bấm ⋮ rồi chọn “Mở bằng trình duyệt”.",
    unsupported: "Trình duyệt này quá cũ hoặc không hỗ trợ. Hãy dùng Chrome 109 trở lên.",
    forbidden: "Phòng này chưa cho bạn gửi hình hoặc tiếng. Hãy hỏi người chủ trì.",
    other: "Thiết bị báo lỗi. Hãy rút ra cắm lại, hoặc chọn thiết bị khác.",
  },
} as const;

export const en: Words<typeof vi> = {
  camera: "Camera",
  microphone: "Microphone",
  speaker: "Speaker",
  systemDefault: "System default",
  unnamed: "Device {{number}}",
  preview: "Your picture (mirrored)",
  level: "Microphone level",
  levelHint: "Say something: the green bar must move.",
  cameraOff: "The camera is off",
  opening: "Opening camera and microphone. If the browser asks, choose “Allow”.",
  turnOnCamera: "Turn camera on",
  turnOffCamera: "Turn camera off",
  turnOnMicrophone: "Turn microphone on",
  turnOffMicrophone: "Turn microphone off",
  testSpeaker: "Test speaker",
  testing: "Playing…",
  speakerFixed: "This browser uses the system's default speaker.",
  retry: "Try again",
  problem: {
    camera: "The camera cannot be used yet.",
    microphone: "The microphone cannot be used yet.",
    screen: "The screen cannot be shared yet.",
    both: "Camera and microphone cannot be used yet.",
  },
  advice: {
    denied:
      "The browser blocks it. Click the lock or camera icon in the address bar, choose “Allow”, then “Try again”.",
    notFound: "No device was found. Plug it in again, then choose “Try again”.",
    inUse:
      "Another program uses the device. Close Zalo, Zoom, Skype or the other tab, then choose “Try again”.",
    insecure: "This page was not opened at a secure address. Use the address that begins with https://.",
    inApp: "This in-app browser cannot use the camera. Choose “Open in browser”.",
    unsupported: "This browser is too old or lacks support. Use Chrome 109 or newer.",
    forbidden: "This room does not let you send picture or sound yet. Ask the chair.",
    other: "The device reports an error. Plug it in again, or choose another one.",
  },
};
