load inp sram=3 dram=0x12 y=5 x=7 stride=11 pad=1,2,2,3 push_next   # pads: top bottom left right
load uop sram=8 dram=0x401 y=1 x=1 stride=1
gemm reset uop=0..1 iter=14x14 dst=14/1 src=0/0 wgt=0/0 pop_prev
gemm uop=1..19 iter=14x14 dst=14/1 src=16/1 wgt=0/0
alu shr imm=9 uop=0..1 iter=14x14 dst=14/1 src=14/1
store out sram=0 dram=0x700 y=1 x=196 stride=196 pop_prev push_prev
finish pop_next
