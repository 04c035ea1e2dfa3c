// Players of a page take over from each other: start one while another sounds, and the music goes on.
const players = [...document.querySelectorAll('audio')];
for (const player of players) player.addEventListener('play', () => {
  const other = players.find(item => item !== player && !item.paused);
  if (!other) return;
  if (other.dataset.group === player.dataset.group) player.currentTime = other.currentTime;
  other.pause();
});
