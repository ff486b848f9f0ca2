import type { Words } from "../i18n/words";

export const vi = {
  rejoin: "Vào lại phòng",
  home: "Về trang đầu",
  reasons: {
    left: { title: "Bạn đã rời phòng", detail: "Bạn có thể vào lại bất cứ lúc nào khi phòng còn mở." },
    replaced: {
      title: "Bạn đã vào phòng bằng thiết bị khác",
      detail: "Mỗi người chỉ ngồi một chỗ. Vào lại ở đây thì thiết bị kia sẽ rời phòng.",
    },
    serverStopped: { title: "Máy chủ đang dừng để bảo trì", detail: "Hãy thử vào lại sau ít phút." },
    removed: {
      title: "Bạn đã được mời ra khỏi phòng",
      detail: "Nếu có nhầm lẫn, hãy gọi cho thư ký hội chẩn.",
    },
    roomClosed: { title: "Phòng đã đóng", detail: "Buổi hội chẩn đã kết thúc." },
    seatLost: { title: "Chỗ của bạn không còn được giữ", detail: "Mạng bị ngắt quá lâu. Hãy vào lại phòng." },
    joinFailed: {
      title: "Chưa vào được phòng",
      detail: "Hãy thử lại. Nếu vẫn không được, hãy báo bộ phận công nghệ thông tin.",
    },
    timedOut: {
      title: "Mất kết nối với máy chủ",
      detail: "Đã thử nối lại nhiều lần mà không được. Hãy kiểm tra mạng rồi vào lại.",
    },
    mediaFailed: {
      title: "Không truyền được hình và tiếng",
      detail: "Tường lửa có thể đang chặn. Hãy thử mạng khác hoặc báo bộ phận công nghệ thông tin.",
    },
    unavailable: { title: "Người được gọi không trả lời", detail: "Hãy thử lại sau." },
    rejected: { title: "Người được gọi đã từ chối", detail: "Hãy liên hệ cách khác hoặc thử lại sau." },
    unknown: { title: "Cuộc gọi đã kết thúc", detail: "Bạn có thể vào lại phòng." },
  },
} as const;

export const en: Words<typeof vi> = {
  rejoin: "Join again",
  home: "To the start page",
  reasons: {
    left: {
      title: "You have left the room",
      detail: "You can come back at any time while the room is open.",
    },
    replaced: {
      title: "You joined from another device",
      detail: "Each person has one seat. If you join here again, the other device leaves.",
    },
    serverStopped: { title: "The server is stopping for maintenance", detail: "Try again in a few minutes." },
    removed: {
      title: "You were asked to leave the room",
      detail: "If this is a mistake, call the conference secretary.",
    },
    roomClosed: { title: "The room is closed", detail: "The conference has ended." },
    seatLost: { title: "Your seat is no longer kept", detail: "The network was gone too long. Join again." },
    joinFailed: {
      title: "Could not join the room",
      detail: "Try again. If it still fails, tell your IT department.",
    },
    timedOut: {
      title: "The server cannot be reached",
      detail: "Reconnecting failed several times. Check the network and join again.",
    },
    mediaFailed: {
      title: "Sound and picture cannot be sent",
      detail: "A firewall may block them. Try another network or tell your IT department.",
    },
    unavailable: { title: "The person called does not answer", detail: "Try again later." },
    rejected: { title: "The person called declined", detail: "Reach them another way or try again later." },
    unknown: { title: "The call has ended", detail: "You can join the room again." },
  },
};
