// Plays a .nam file with NeuralAmpModelerCore and tells how long it takes; `nam_core.py` calls it.
//
//   nam_core MODEL.nam INPUT OUTPUT BLOCK exact|fast
//
// INPUT and OUTPUT are raw float32 of one channel. Plays INPUT once into OUTPUT, then once more for every
// line on standard input, answering with the nanoseconds of a sample: those that the thread works, not those
// that it waits for a core. "fast" takes its approximation of tanh.
//
// Built from its sources (NAM: its folder NAM/) and Eigen, optimised as its own tools are:
//
//   g++ -std=c++20 -Ofast -march=native -flto -DNDEBUG -DNAM_SAMPLE_FLOAT -DNAM_ENABLE_A2_FAST -I NAM
//       -I /usr/include/eigen3 -I /usr/include/nlohmann NAM/*.cpp NAM/wavenet/*.cpp nam_core.cpp -o nam_core

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <time.h>

#include "activations.h"
#include "get_dsp.h"

namespace
{
constexpr double RATE = 48000.0;

using Audio = std::vector<float>;

Audio read(const char* path)
{
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  Audio audio(static_cast<size_t>(file.tellg()) / sizeof(float));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(audio.data()), static_cast<std::streamsize>(audio.size() * sizeof(float)));
  return audio;
}

void write(const char* path, const Audio& audio)
{
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(audio.data()), static_cast<std::streamsize>(audio.size() * sizeof(float)));
}

// Whole blocks only, so that every call is of the same size.
void play(nam::DSP& model, Audio& input, Audio& output, size_t block)
{
  for (size_t start = 0; start + block <= input.size(); start += block)
  {
    float* in = input.data() + start;
    float* out = output.data() + start;
    model.process(&in, &out, static_cast<int>(block));
  }
}

double nanoseconds()
{
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return 1e9 * static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec);
}

double timed(nam::DSP& model, Audio& input, Audio& output, size_t block)
{
  const double begun = nanoseconds();
  play(model, input, output, block);
  return (nanoseconds() - begun) / static_cast<double>(input.size() / block * block);
}
} // namespace

int main(int count, char** given)
try
{
  if (count != 6)
  {
    std::fprintf(stderr, "nam_core MODEL.nam INPUT OUTPUT BLOCK exact|fast\n");
    return 2;
  }
  const size_t block = std::strtoul(given[4], nullptr, 10);
  if (std::strcmp(given[5], "fast") == 0)
    nam::activations::Activation::enable_fast_tanh();
  Audio input = read(given[2]);
  Audio output(input.size(), 0.0f);
  const std::unique_ptr<nam::DSP> model = nam::get_dsp(std::filesystem::path(given[1]));
  model->Reset(RATE, static_cast<int>(block));
  play(*model, input, output, block);
  write(given[3], output);
  std::printf("ready\n");
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);)
  {
    std::printf("%.4f\n", timed(*model, input, output, block));
    std::fflush(stdout);
  }
  return 0;
}
catch (const std::exception& error)
{
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
