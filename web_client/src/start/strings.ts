import type { Words } from "../i18n/words";

export const vi = {
  heading: "Vào phòng hội chẩn",
  name: "Tên của bạn",
  nameHint: "Người khác sẽ thấy tên này, ví dụ: BS Lan – Trạm y tế Sín Chải.",
  room: "Tên phòng",
  roomHint: "Mọi người cần nhập đúng tên phòng này để gặp nhau.",
  suggest: "Tên khác",
  join: "Vào phòng",
  joining: "Đang vào phòng…",
  quiet: "Bạn sẽ vào phòng mà chưa bật camera và micro. Có thể bật sau.",
  invited: "Bạn được mời vào phòng “{{room}}” với tên “{{name}}”.",
  check: "Kiểm tra thiết bị",
  choose: "Chọn thiết bị",
  emergency: "Trường hợp cấp cứu: gọi 115 hoặc đến cơ sở y tế gần nhất.",
  errors: {
    nameMissing: "Hãy nhập tên của bạn.",
    nameLong: "Tên dài quá 60 ký tự.",
    roomShort: "Tên phòng cần ít nhất 3 ký tự.",
    roomLong: "Tên phòng dài quá 64 ký tự.",
    roomCharacters: "Tên phòng chỉ gồm chữ, số, dấu cách, dấu gạch nối (-), gạch dưới (_) và dấu chấm.",
  },
  failures: {
    unreachable: "Không kết nối được tới máy chủ. Hãy kiểm tra mạng rồi thử lại.",
    noTickets: "Máy chủ này chỉ nhận người có liên kết mời. Hãy mở liên kết bạn được gửi.",
    badRequest: "Máy chủ không nhận tên hoặc phòng này. Hãy sửa lại rồi thử lần nữa.",
    tooMany: "Có quá nhiều người vào cùng lúc. Hãy chờ vài giây rồi thử lại.",
    notAllowed: "Liên kết mời đã hết hạn hoặc không dùng được cho phòng này. Hãy xin liên kết mới.",
    refused: "Máy chủ từ chối cho vào phòng. Phòng có thể đã đủ người hoặc đã đóng.",
    tooSlow: "Máy chủ trả lời quá chậm. Đường truyền có thể đang yếu; hãy thử lại.",
    noMedia:
      "Tới được máy chủ nhưng không mở được đường truyền hình và tiếng. Tường lửa có thể đang chặn; hãy báo bộ phận công nghệ thông tin.",
    badInvitation: "Liên kết mời bị hỏng. Hãy mở lại liên kết gốc hoặc xin liên kết mới.",
    unknown: "Chưa vào được phòng. Hãy thử lại.",
  },
} as const;

export const en: Words<typeof vi> = {
  heading: "Join a conference room",
  name: "Your name",
  nameHint: "Others will see this name, for example: Dr Lan – Sin Chai station.",
  room: "Room name",
  roomHint: "Everybody must enter exactly this room name to meet.",
  suggest: "Another name",
  join: "Join",
  joining: "Joining…",
  quiet: "You will join with camera and microphone off. You can turn them on later.",
  invited: "You are invited to the room “{{room}}” as “{{name}}”.",
  check: "Check your devices",
  choose: "Choose devices",
  emergency: "Emergency: call 115 or go to the nearest facility.",
  errors: {
    nameMissing: "Please enter your name.",
    nameLong: "The name is longer than 60 characters.",
    roomShort: "The room name needs at least 3 characters.",
    roomLong: "The room name is longer than 64 characters.",
    roomCharacters:
      "The room name may hold only letters, digits, spaces, hyphens (-), underscores (_) and dots.",
  },
  failures: {
    unreachable: "The server cannot be reached. Check the network and try again.",
    noTickets: "This server admits only people with an invitation link. Open the link you were sent.",
    badRequest: "The server does not accept this name or room. Change it and try again.",
    tooMany: "Too many people are joining at once. Wait a few seconds and try again.",
    notAllowed: "The invitation has expired or is not for this room. Ask for a new link.",
    refused: "The server refused entry. The room may be full or closed.",
    tooSlow: "The server answers too slowly. The link may be weak; try again.",
    noMedia:
      "The server was reached, but no path for sound and picture. A firewall may block it; tell your IT department.",
    badInvitation: "The invitation link is damaged. Open the original link again or ask for a new one.",
    unknown: "Could not join. Please try again.",
  },
};
