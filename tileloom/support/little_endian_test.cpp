#include "tileloom/support/little_endian.hpp"

#include <gtest/gtest.h>

namespace tileloom {
namespace {

TEST(LittleEndian, TheLeastSignificantByteComesFirst) {
  std::string bytes = "x";
  append_little_endian(bytes, std::uint32_t{0x01020384});
  append_little_endian(bytes, std::int16_t{-2});  // 0xfffe
  EXPECT_EQ(bytes, "x\x84\x03\x02\x01\xfe\xff");
  EXPECT_EQ(little_endian<std::uint32_t>(bytes, 1), 0x01020384U);
  EXPECT_EQ(little_endian<std::uint16_t>(bytes, 1), 0x0384U);
  EXPECT_EQ(little_endian<std::int16_t>(bytes, 5), -2);
}

}  // namespace
}  // namespace tileloom
